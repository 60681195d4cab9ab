import assert from 'node:assert/strict';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import type { Report } from '../../src/core/report.ts';
import type { Stream } from '../../src/core/store.ts';
import { openHosts, openTop } from '../../src/open/open-connections.ts';
import { openCounts } from '../../src/open/open-counts.ts';
import { runReport } from '../../src/pipeline/batch/run-report.ts';
import { sqlite } from '../../src/stores/sqlite/sqlite.ts';
import { writers } from '../../src/writers/index.ts';
import { ingested, STREAMS } from '../support/ingested.ts';
import { arbitraryLogText } from '../support/log-texts.ts';

const RUNS = Number(process.env['DAYBOOK_STORE_RUNS'] ?? 5);
const START = Date.UTC(2021, 2, 1, 12);
const ZONES = [
  ...['UTC', 'Europe/Berlin', 'Asia/Kathmandu', 'America/Los_Angeles'],
  'Australia/Lord_Howe', // half an hour of summer time
];
/** What may become of a file before more of it is counted: each returns what it is called then. */
const FATES = {
  grown: (path: string) => path,
  renamed(path: string) {
    renameSync(path, `${path}.1`);
    return `${path}.1`;
  },
  compressed(path: string) {
    rmSync(path);
    return `${path}.gz`;
  },
};

/** What is asked besides the files or the store. */
interface Asked {
  readonly from?: string;
  readonly to?: string;
}

describe('a report from a store', () => {
  test('of counts is that from the files, byte for byte', async () => {
    const common = {
      range: arbitraryRange(),
      tz: fc.constantFrom(...ZONES),
      value: fc.constantFrom('sum' as const, 'min' as const, 'max' as const),
      types: fc.constantFrom(undefined, ['login'], ['logout', 'none']),
    };
    const asked = fc.oneof(
      fc.record({
        ...common,
        interval: fc.constantFrom('10s', '1m', '5m', '1h', '12h'),
        // Of who is asked for, years of empty buckets would be shown.
        subjects: fc.constant(undefined),
      }),
      fc.record({
        ...common,
        interval: fc.constantFrom('1d', '1w', '1mo'),
        subjects: fc.constantFrom(undefined, ['ant', 'nobody'], ['constructor', 'ant']),
      }),
    );
    await assertSame('csv', asked, ({ range, ...request }, files) =>
      openCounts({
        ...{ ...files, ...range, ...request },
        ...(files.store === undefined && { typeColumn: '2', valueColumn: '3' }),
      }),
    );
  });

  test('of hosts is that from the files, byte for byte', async () => {
    const asked = fc.record({
      range: arbitraryRange(),
      host: fc.constantFrom('ant', 'constructor', 'nobody'),
    });
    await assertSame('connections', asked, ({ range, host }, files) =>
      openHosts({ ...files, ...range, host, maxDisorder: '9999d' }),
    );
  });

  test('of a host that few parts of the store have is that from the files, with its lines and books', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'daybook-stored-'));
    const [log, path] = [join(folder, 'a.log'), join(folder, 'daybook.db')];
    const lines = Array.from(
      { length: 20_000 },
      (_, i) => `${START + i * 100} h${i % 90} h${i % 7}`,
    );
    for (const i of [4000, 4200, 15_000])
      lines[i] = `${START + i * 100} ${i > 9000 ? 'x' : 'rare'} rare`;
    writeFileSync(log, lines.join('\n'));
    try {
      const store = sqlite({ path });
      await ingested(store, STREAMS.connections, [log]);
      await store.close();
      for (const host of ['rare', 'x', 'h3', 'nobody'])
        for (const words of [{}, { explain: true }, { every: '1m' }]) {
          const [direct, stored] = [{ files: [log] }, { files: [], store: path }];
          const asked = { host, ...words, from: new Date(START + 300_000).toISOString() };
          assert.deepEqual(
            await shown(await openHosts({ ...stored, ...asked }), 2),
            await shown(await openHosts({ ...direct, ...asked }), 1, 1 << 20),
          );
        }
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('of top is that from the files, byte for byte', async () => {
    const asked = fc.record({
      range: arbitraryRange(),
      by: fc.constantFrom('sent' as const, 'received' as const, 'either' as const),
    });
    await assertSame('connections', asked, ({ range, by }, files) =>
      openTop({ ...files, ...range, by, maxDisorder: '9999d' }),
    );
  });
});

/** Asks random logs, and a store into which they were ingested in any order and in any steps. */
async function assertSame<Request, Result>(
  kind: 'csv' | 'connections',
  asked: fc.Arbitrary<Request>,
  open: (
    request: Request,
    files: { readonly files: string[]; readonly store?: string },
  ) => Promise<Report<Result>>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'daybook-stored-'));
  const stream: Stream = STREAMS[kind];
  const logs = fc.tuple(arbitraryLogText(kind), arbitraryLogText(kind, 10));
  let run = 0;
  try {
    await fc.assert(
      fc.asyncProperty(
        logs,
        fc.array(asked, { minLength: 1, maxLength: 4 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.constantFrom(1, 1, 1, 2),
        fc.constantFrom(...Object.values(FATES)),
        async (texts, requests, share, threads, fate) => {
          const path = join(folder, `${run++}.db`);
          const files = texts.map((_, i) => join(folder, `${i}.log`));
          const store = sqlite({ path });
          const first = texts[0].subarray(0, Math.floor(share * texts[0].length));
          const count = async (file: string, text: Uint8Array) => {
            writeFileSync(file, file.endsWith('.gz') ? gzipSync(text) : text);
            await ingested(store, stream, [file], { again: false });
          };
          await count(files[0]!, first);
          await count(files[1]!, texts[1]);
          await count(fate(files[0]!), texts[0]);
          const inputs = await store.inputs(stream.name);
          await store.close();
          fc.pre(inputs.length === 2);
          const ranked = inputs.map(({ name }) => name);
          for (const request of requests) {
            const fromFiles = await shown(await open(request, { files: ranked }), threads);
            const fromStore = await shown(await open(request, { files: [], store: path }), threads);
            assert.equal(fromStore, fromFiles);
          }
        },
      ),
      { numRuns: RUNS },
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The report as JSON, without how files were read. */
async function shown<Result>(
  report: Report<Result>,
  threads: number,
  segmentBytes = 200,
): Promise<string> {
  let text = '';
  await runReport(report, { threads, segmentBytes }, async (table) => {
    const format = { spreadsheetSafe: false, color: false };
    for await (const piece of writers.json.render(table, format)) text += piece;
  });
  const told = JSON.parse(text);
  delete told.books.unread;
  for (const column of ['typeColumn', 'valueColumn']) delete told.parameters[column];
  told.notes = told.notes.filter(({ code }: { code: string }) => code !== 'unread');
  return JSON.stringify(told);
}

/** Ranges in and around the logs; some cut minutes, some are open, some are empty. */
function arbitraryRange(): fc.Arbitrary<Asked> {
  const time = fc
    .oneof(
      fc.nat(600_000).map((ms) => START + ms),
      fc.nat(10).map((minutes) => START + minutes * 60_000),
      fc.integer({ min: -500, max: 4100 }).map((days) => START + days * 86_400_000),
    )
    .map((ms) => new Date(ms).toISOString());
  return fc.tuple(fc.option(time), fc.option(time)).map(([one, other]) => {
    if (one !== null && other !== null)
      return one < other ? { from: one, to: other } : { from: other, to: one };
    return { ...(one !== null && { from: one }), ...(other !== null && { to: other }) };
  });
}
