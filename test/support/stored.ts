import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Keep, Stream } from '../../src/core/store.ts';
import { jobModule } from '../../src/open/open-job.ts';
import { inputsOf } from '../../src/open/range-request.ts';
import { ingest } from '../../src/pipeline/ingest/ingest.ts';
import { sqlite } from '../../src/stores/sqlite/sqlite.ts';

/** How the decoders of tests read. */
export const SESSION_LOG: Pick<Stream, 'format' | 'options' | 'fields'> = {
  format: 'session-log',
  options: {
    date: '1970-01-01',
    zone: 'UTC',
    spansMidnight: false,
    maxDisorderMs: 300_000,
    extraFields: 'reject',
  },
  fields: ['kind'],
};
export const CONNECTION_LOG: typeof SESSION_LOG = {
  format: 'connection-log',
  options: { timeUnit: 'ms' },
  fields: ['object'],
};

export const EVENTS: typeof SESSION_LOG = {
  format: 'csv',
  options: {
    columns: { subject: 1, type: 2, time: 4, value: 5 },
    header: 'none',
    timeUnit: 'ms',
  },
  fields: ['type', 'value'],
};

/** A store that vanishes with the scope that holds it. */
export interface TestStore extends Disposable {
  readonly path: string;
}

/** Counts files into a new store. */
export async function storeOf(
  files: readonly string[],
  reading: typeof SESSION_LOG,
  keep: Keep = 'events',
): Promise<TestStore> {
  const folder = mkdtempSync(join(tmpdir(), 'daybook-test-'));
  const path = join(folder, 'daybook.db');
  const stream = { name: 'source', ...reading };
  const { format: kind, options, fields } = stream;
  const aggregation = { kind: 'events', options: { fields } };
  const job = { module: jobModule, decoder: { kind, options }, aggregation };
  const store = sqlite({ path, keep });
  const jobOf = () => job;
  const request = { store, stream, jobOf, inputs: await inputsOf(files), again: true };
  await Array.fromAsync(ingest(request, {}));
  await store.close();
  return { path, [Symbol.dispose]: () => rmSync(folder, { recursive: true }) };
}
