import { appendFileSync, readFileSync, statSync } from 'node:fs';
import type { JobSpec } from '../../src/core/job.ts';
import type { Store, StoredInput, Stream } from '../../src/core/store.ts';
import { jobModule } from '../../src/open/open-job.ts';
import { inputsOf } from '../../src/open/range-request.ts';
import { type IngestRequest, ingest } from '../../src/pipeline/ingest/ingest.ts';
import type { Ingested } from '../../src/pipeline/ingest/ingested.ts';
import { minutesOf, type UncutContent, uncutContentOf } from './store-content.ts';

/** A source of each kind of log, as a configuration describes it. */
export const STREAMS = {
  csv: {
    name: 'events',
    format: 'csv',
    options: {
      columns: { subject: 1, type: 2, value: 3, time: 4 },
      header: 'auto',
      timeUnit: 'ms',
    },
    fields: ['type', 'value'],
  },
  ids: {
    name: 'ids',
    format: 'csv',
    options: {
      columns: { subject: 1, type: 2, id: 3, time: 4 },
      header: 'auto',
      timeUnit: 'ms',
    },
    fields: ['type', 'id'],
  },
  connections: {
    name: 'connections',
    format: 'connection-log',
    options: { timeUnit: 'ms' },
    fields: ['object'],
  },
  sessions: {
    name: 'sessions',
    format: 'session-log',
    options: {
      ...{ date: '2021-03-01', zone: 'UTC', spansMidnight: true, maxDisorderMs: 300_000 },
      extraFields: 'reject',
    },
    fields: ['kind'],
  },
} as const satisfies Record<string, Stream>;

/** A log of 2,000 connections. */
export const LOG: string = Array.from(
  { length: 2000 },
  (_, i) => `${1_600_000_000_000 + i * 999} ant ${['bee', 'cat'][i % 2]}\n`,
).join('');

/** What decodes the inputs of a stream. */
export function jobOf({ format, options, fields }: Stream): JobSpec {
  return {
    module: jobModule,
    decoder: { kind: format, options },
    aggregation: { kind: 'events', options: { fields } },
  };
}

/** Ingests files, and tells what became of each. */
export async function ingested(
  store: Store,
  stream: Stream,
  files: readonly string[],
  others: Partial<IngestRequest> & { readonly threads?: number } = {},
): Promise<Ingested[]> {
  const { threads, ...asked } = others;
  const job = jobOf(stream);
  const inputs = await inputsOf(files);
  return Array.fromAsync(
    ingest({ store, stream, inputs, jobOf: () => job, ...asked }, { threads: threads ?? 1 }),
  );
}

/** What became of an input, in short. */
export function told({ kind, knownAs, books }: Ingested): unknown[] {
  return [kind, knownAs, books.counted];
}

/** Ingests a copy of a file that grows line by line, from where it stands. */
export async function ingestedAsItGrows(store: Store, stream: Stream, file: string): Promise<void> {
  const copy = `${file}.copy`;
  appendFileSync(copy, '');
  await ingested(store, stream, [copy]);
  for (const line of readFileSync(file, 'utf8')
    .slice(statSync(copy).size)
    .split(/(?<=\n)/)) {
    appendFileSync(copy, line);
    await ingested(store, stream, [copy]);
  }
}

/** An input with its events and rejects, at their places in the whole of it. */
interface UncutInput extends Omit<StoredInput, 'id' | 'name' | 'head'>, UncutContent {}

/** What a store has of a stream. */
interface StreamContent {
  readonly inputs: readonly UncutInput[];
  readonly minutes: readonly unknown[];
}

/** What a store has of a stream, however it was cut and is called. */
export async function streamContentOf(store: Store, stream: Stream): Promise<StreamContent> {
  const inputs: UncutInput[] = [];
  for (const { id, name: _name, head: _head, ...input } of await store.inputs(stream.name))
    inputs.push({ ...input, ...(await uncutContentOf(store, stream, id)) });
  const query = { stream: stream.name, from: -Infinity, to: Infinity };
  return { inputs, minutes: await minutesOf(store, query) };
}
