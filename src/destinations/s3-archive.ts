import { openAsBlob } from 'node:fs';
import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { PutObjectCommandInput, S3 } from '@aws-sdk/client-s3';
import type { Archive, PutOptions, RenderedReport } from '../core/archive.ts';
import { DaybookError, throwIfInterrupted } from '../core/errors.ts';
import { connectS3, type S3Access, until } from './s3-client.ts';
import { s3Failure, statusOf } from './s3-failure.ts';
import {
  digestOf,
  isSame,
  lookAt,
  MANIFEST_TYPE,
  manifestOf,
  readAt,
  type S3Object,
} from './s3-object.ts';
import { clearParts, putParts } from './s3-parts.ts';

/** Where a bucket is, who asks, and what is too large. */
export interface S3ArchiveOptions extends S3Access {
  readonly bucket: string;
  /** Larger reports are put in parts; the 5 GiB that S3 takes at once unless given. */
  readonly mostBytesAtOnce?: number | undefined;
  /** Of all parts but the last; at least 5 MiB. */
  readonly partBytes?: number | undefined;
}

const GIB = 2 ** 30;
const PART_BYTES = 8 * 2 ** 20;
const CLEAR_MS = 15_000;
/** How often another writer may be in the way. */
const MOST_TRIES = 10;
/** The key of a report, and the runs whose parts are to be cleared away unless the report needs them. */
const DRAFT = /^(.+)[.]parts[/]([^/]+)$/s;

/**
 * Reports as objects in a bucket, each whole or absent.
 *
 * All are put by one conditional request, which replaces only what was looked at before. A report that is too large for
 * that is uploaded in parts under a key of its run, and what is put is a manifest that names it.
 */
export function s3Archive(options: S3ArchiveOptions): Archive {
  const { bucket, mostBytesAtOnce = 5 * GIB, partBytes = PART_BYTES } = options;
  let client: Promise<S3> | undefined;
  const connected = () => {
    client ??= connectS3(options);
    return client;
  };
  const place = (key: string) => ({ Bucket: bucket, Key: key });
  const locationOf = (key: string) => `s3://${bucket}/${key}`;
  const failing =
    (doing: 'read' | 'write', key: string, signal?: AbortSignal) => (cause: unknown) => {
      throw s3Failure(doing, locationOf(key), cause, signal);
    };

  async function put(
    report: RenderedReport,
    key: string,
    { run, overwrite, onDraft, signal }: PutOptions,
  ): Promise<'written' | 'unchanged'> {
    const s3 = await connected();
    const parts = report.sizeBytes > mostBytesAtOnce ? `${key}.parts/${run}` : undefined;
    let content: Partial<PutObjectCommandInput> | undefined;
    let seen: S3Object | undefined;
    let refusal: unknown;
    for (let tries = 1; ; tries++) {
      const present = await lookAt(s3, place(key), signal).catch(unlessForbidden(refusal));
      // It is of this very run where the answer to the request was lost.
      if (present && (await isSame(s3, place(key), present, report, signal)))
        return tries > 1 && present.run === run ? 'written' : 'unchanged';
      if (present && !overwrite) throw occupied(locationOf(key));
      if (present && tries > 1 && present.etag !== seen?.etag) throw overtaken(locationOf(key));
      seen = present;
      if (content === undefined) {
        const replaced = runOfParts(key, present);
        // The parts of what is replaced are garbage from the request on that replaces it, whatever becomes of its answer.
        if (parts !== undefined || replaced !== undefined)
          await onDraft(`${key}.parts/${replaced === undefined ? run : `${run},${replaced}`}`);
        if (parts !== undefined) await putParts(s3, place(parts), report, partBytes, signal);
      }
      content ??= parts === undefined ? await wholeOf(report, run) : namingOf(report, run, parts);
      const input = { ...place(key), ...content, ...conditionOf(present, refusal !== undefined) };
      try {
        await s3.putObject(input, until(signal));
      } catch (error) {
        if (tries === MOST_TRIES || !isConflict(error, present)) throw error;
        refusal = statusOf(error) === 412 ? error : undefined;
        await delay(tries * 20, undefined, { signal });
        continue;
      }
      return 'written';
    }
  }

  async function clearAway(draft: string, signal?: AbortSignal): Promise<void> {
    throwIfInterrupted(signal);
    const [, key, runs] = DRAFT.exec(draft) ?? [];
    if (key === undefined || runs === undefined) return;
    const s3 = await connected();
    const places = runs.split(',').map((run) => place(`${key}.parts/${run}`));
    for (const parts of places) await clearParts(s3, parts, signal);
    const present = await lookAt(s3, place(key), signal);
    for (const parts of places)
      if (present?.parts !== parts.Key) await s3.deleteObject(parts, until(signal));
  }

  return {
    find: async (key, { read = false, signal } = {}) => {
      const fail = failing('read', key, signal);
      const s3 = await connected();
      const object = await lookAt(s3, place(key), signal).catch(fail);
      if (!object) return undefined;
      if (read) return readAt(s3, place(object.parts ?? key), signal).catch(fail);
      const digest = await digestOf(s3, place(key), object, signal).catch(fail);
      return { digest, sizeBytes: object.sizeBytes };
    },
    async read(key, signal) {
      const s3 = await connected();
      try {
        const object = await lookAt(s3, place(key), signal);
        if (!object) return undefined;
        const { sizeBytes, parts } = object;
        const digest = await digestOf(s3, place(key), object, signal);
        const { Body } = await s3.getObject(place(parts ?? key), until(signal));
        const bytes = Readable.from(Body?.transformToWebStream() ?? [], { objectMode: false });
        return { digest, sizeBytes, bytes };
      } catch (error) {
        return failing('read', key, signal)(error);
      }
    },
    async put(report, key, options) {
      let draft: string | undefined;
      const onDraft = (made: string) => {
        draft = made;
        return options.onDraft(made);
      };
      try {
        return await put(report, key, { ...options, onDraft });
      } catch (error) {
        return failing('write', key, options.signal)(error);
      } finally {
        // Also of a report that is there: an upload may have begun twice. Where this fails it is for the next start.
        if (draft !== undefined)
          await clearAway(draft, AbortSignal.timeout(CLEAR_MS)).catch(() => {});
      }
    },
    clear: (draft, signal) => clearAway(draft, signal).catch(failing('write', draft, signal)),
    prepare: () => void connected().catch(() => {}),
    locationOf,
    close: async () => (await client?.catch(() => undefined))?.destroy(),
  };
}

/**
 * Who may put but not list is refused to look at what is not there; so is a wrong key, which a put tells better. Where
 * something stood in the way of the last put, to put it again would do no better.
 */
function unlessForbidden(refusal: unknown): (error: unknown) => undefined {
  return (error) => {
    if (statusOf(error) !== 403) throw error;
    if (refusal !== undefined) throw refusal;
  };
}

/** The run whose parts stand beside a report; whatever else a manifest names, others may need. */
function runOfParts(key: string, present: S3Object | undefined): string | undefined {
  const [, of, run] = DRAFT.exec(present?.parts ?? '') ?? [];
  return of === key && !run?.includes(',') ? run : undefined;
}

/** That what was looked at still stands there, and nothing else. */
function conditionOf(present: S3Object | undefined, isRefused: boolean) {
  if (present === undefined) return { IfNoneMatch: '*' };
  // Some services compare it without quotes: so does who was refused although nothing has changed.
  return { IfMatch: isRefused ? present.etag?.replaceAll('"', '') : present.etag };
}

/** The condition did not hold; another one writes there; what was to be replaced is gone. */
function isConflict(error: unknown, present: S3Object | undefined): boolean {
  const status = statusOf(error);
  return status === 412 || status === 409 || (status === 404 && present !== undefined);
}

function occupied(location: string): DaybookError {
  const message = `${location} has other content; say overwrite: true to replace it, or give it another key`;
  return new DaybookError('DESTINATION_UNWRITABLE', message);
}

function overtaken(location: string): DaybookError {
  const message = `${location} was replaced by somebody else at the same time, and is left as it is; see who it was, and try again`;
  return new DaybookError('DESTINATION_UNWRITABLE', message);
}

async function wholeOf(
  report: RenderedReport,
  run: string,
): Promise<Partial<PutObjectCommandInput>> {
  return {
    Body: await openAsBlob(report.path),
    ContentLength: report.sizeBytes,
    ContentType: report.mediaType,
    ChecksumSHA256: Buffer.from(report.digest, 'hex').toString('base64'),
    Metadata: { sha256: report.digest, run },
  };
}

function namingOf(
  { digest, sizeBytes }: RenderedReport,
  run: string,
  parts: string,
): Partial<PutObjectCommandInput> {
  const Body = manifestOf({ parts, sizeBytes, sha256: digest });
  return { Body, ContentType: MANIFEST_TYPE, Metadata: { run } };
}
