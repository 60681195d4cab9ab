import { openAsBlob } from 'node:fs';
import type { CompletedPart, S3 } from '@aws-sdk/client-s3';
import type { RenderedReport } from '../core/archive.ts';
import { until } from './s3-client.ts';
import { statusOf } from './s3-failure.ts';

/** An object that is, or is to be, in parts. */
export interface S3Place {
  readonly Bucket: string;
  readonly Key: string;
}

/** S3 takes no more parts than this. */
const MOST_PARTS = 10_000;
const LANES = 3;
const MOST_ROUNDS = 10;

/** Uploads a report part by part. What is left of it where that fails is for `clearParts`. */
export async function putParts(
  s3: S3,
  place: S3Place,
  report: RenderedReport,
  leastPartBytes: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  signal?.throwIfAborted();
  // Not to be interrupted: what was made unseen could not be cleared away.
  const { UploadId } = await s3.createMultipartUpload({ ...place, ContentType: report.mediaType });
  const upload = { ...place, UploadId };
  const blob = await openAsBlob(report.path);
  const partBytes = Math.max(leastPartBytes, Math.ceil(blob.size / MOST_PARTS));
  const parts: CompletedPart[] = [];
  const failed = new AbortController();
  const either = until(signal ? AbortSignal.any([signal, failed.signal]) : failed.signal);
  let next = 0;
  const lane = async () => {
    for (let i = next++; i * partBytes < blob.size; i = next++) {
      const Body = await blob.slice(i * partBytes, (i + 1) * partBytes).bytes();
      const part = { ...upload, PartNumber: i + 1, Body };
      const { ETag } = await s3.uploadPart(part, either);
      parts[i] = { ETag, PartNumber: i + 1 };
    }
  };
  const stop = (error: unknown) => {
    failed.abort(error);
    throw error;
  };
  const lanes = Array.from({ length: LANES }, () => lane().catch(stop));
  await Promise.allSettled(lanes);
  if (failed.signal.aborted) throw failed.signal.reason;
  try {
    await s3.completeMultipartUpload({ ...upload, MultipartUpload: { Parts: parts } }, either);
  } catch (error) {
    // Done, but the answer was lost: then a second attempt finds no upload.
    if (statusOf(error) !== 404 || (await sizeOf(s3, place)) !== report.sizeBytes) throw error;
  }
}

/** Clears away the parts of uploads that were never completed. */
export async function clearParts(s3: S3, place: S3Place, signal?: AbortSignal): Promise<void> {
  const { Bucket, Key } = place;
  const which = { Bucket, Prefix: Key };
  // A part that was on its way may outlive the upload, so look again until there is none.
  for (let round = 0, found = true; found && round < MOST_ROUNDS; round++) {
    found = false;
    const { Uploads = [] } = await s3.listMultipartUploads(which, until(signal));
    for (const { Key: key, UploadId } of Uploads) {
      if (key !== Key || UploadId === undefined) continue;
      found = true;
      await s3.abortMultipartUpload({ ...place, UploadId }, until(signal)).catch((error) => {
        if (statusOf(error) !== 404) throw error;
      });
    }
  }
}

/** Size of an object; undefined where there is none. */
export async function sizeOf(
  s3: S3,
  place: S3Place,
  signal?: AbortSignal,
): Promise<number | undefined> {
  try {
    return (await s3.headObject(place, until(signal))).ContentLength;
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    throw error;
  }
}
