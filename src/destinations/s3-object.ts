import { createHash } from 'node:crypto';
import type { HeadObjectCommandOutput, S3 } from '@aws-sdk/client-s3';
import type { ArchivedReport } from '../core/archive.ts';
import { until } from './s3-client.ts';
import { statusOf } from './s3-failure.ts';
import { type S3Place, sizeOf } from './s3-parts.ts';

/** A report as it stands in a bucket. */
export interface S3Object {
  readonly sizeBytes: number;
  /** SHA-256 of its bytes in hex, where who put it told that; else they have to be read. */
  readonly told: string | undefined;
  /** What it is now, for who replaces no other. */
  readonly etag: string | undefined;
  /** Run that put it, if it says so. */
  readonly run: string | undefined;
  /** Key of the object with its bytes, where the one looked at only names it. */
  readonly parts: string | undefined;
}

/** Media type of an object that only names the one with the report's bytes, which was too large to be put at once. */
export const MANIFEST_TYPE = 'application/vnd.daybook.parts+json';

const MOST_MANIFEST_BYTES = 65_536;
const DIGEST = /^[0-9a-f]{64}$/;

/** What a manifest says of a report. */
interface Manifest {
  readonly parts: string;
  readonly sizeBytes: number;
  readonly sha256: string;
}

/** The text of a manifest. */
export function manifestOf({ parts, sizeBytes, sha256 }: Manifest): string {
  return `${JSON.stringify({ parts, sizeBytes, sha256 })}\n`;
}

/** What stands at a place; undefined where there is nothing. */
export async function lookAt(
  s3: S3,
  place: S3Place,
  signal?: AbortSignal,
): Promise<S3Object | undefined> {
  const head = await headOf(s3, place, signal);
  if (head === undefined) return undefined;
  const { ContentLength: sizeBytes = 0, ETag: etag, Metadata: metadata = {} } = head;
  const object = { etag, run: metadata['run'] };
  if (head.ContentType === MANIFEST_TYPE && sizeBytes <= MOST_MANIFEST_BYTES) {
    const manifest = await manifestAt(s3, place, signal);
    const parts = manifest && { Bucket: place.Bucket, Key: manifest.parts };
    // A manifest without its parts is no report: something else stands there.
    if (parts && (await sizeOf(s3, parts, signal)) === manifest.sizeBytes)
      return {
        ...object,
        told: manifest.sha256,
        sizeBytes: manifest.sizeBytes,
        parts: parts.Key,
      };
  }
  const { sha256 = '' } = metadata;
  const told = DIGEST.test(sha256) ? sha256 : undefined;
  return { ...object, told, sizeBytes, parts: undefined };
}

/** SHA-256 of what was looked at: as it was told, or else of its bytes. */
export async function digestOf(
  s3: S3,
  place: S3Place,
  { told }: S3Object,
  signal?: AbortSignal,
): Promise<string> {
  return told ?? (await readAt(s3, place, signal)).digest;
}

/** Whether what was looked at is a report; bytes of another size are not read for that. */
export async function isSame(
  s3: S3,
  place: S3Place,
  object: S3Object,
  { digest, sizeBytes }: ArchivedReport,
  signal?: AbortSignal,
): Promise<boolean> {
  if (object.told === undefined && object.sizeBytes !== sizeBytes) return false;
  return (await digestOf(s3, place, object, signal)) === digest;
}

async function headOf(
  s3: S3,
  place: S3Place,
  signal: AbortSignal | undefined,
): Promise<HeadObjectCommandOutput | undefined> {
  try {
    return await s3.headObject(place, until(signal));
  } catch (error) {
    if (statusOf(error) !== 404) throw error;
    // The answer to HEAD does not say whether it is the bucket that is missing.
    await s3.headBucket({ Bucket: place.Bucket }, until(signal)).catch((cause) => {
      if (statusOf(cause) === 404) throw Object.assign(cause, { name: 'NoSuchBucket' });
    });
    return undefined;
  }
}

async function manifestAt(
  s3: S3,
  place: S3Place,
  signal: AbortSignal | undefined,
): Promise<Manifest | undefined> {
  const { Body } = await s3.getObject(place, until(signal));
  try {
    const told: unknown = JSON.parse((await Body?.transformToString()) ?? '');
    return isManifest(told) ? told : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function isManifest(told: unknown): told is Manifest {
  if (typeof told !== 'object' || told === null) return false;
  const { parts, sizeBytes, sha256 }: Partial<Record<keyof Manifest, unknown>> = told;
  return (
    typeof parts === 'string' &&
    parts !== '' &&
    Number.isSafeInteger(sizeBytes) &&
    typeof sha256 === 'string' &&
    DIGEST.test(sha256)
  );
}

/** What the bytes themselves are, whatever is told of them. */
export async function readAt(
  s3: S3,
  place: S3Place,
  signal: AbortSignal | undefined,
): Promise<ArchivedReport> {
  const { Body } = await s3.getObject(place, until(signal));
  const hash = createHash('sha256');
  let sizeBytes = 0;
  if (Body)
    for await (const bytes of Body.transformToWebStream()) {
      hash.update(bytes);
      sizeBytes += bytes.length;
    }
  return { digest: hash.digest('hex'), sizeBytes };
}
