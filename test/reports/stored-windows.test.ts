import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { openHosts, openTop, openTraffic } from '../../src/open/open-connections.ts';
import { openCounts } from '../../src/open/open-counts.ts';
import type { RangeRequest } from '../../src/open/range-request.ts';
import type { WindowRequest } from '../../src/open/window-request.ts';
import type { ScanOptions } from '../../src/pipeline/batch/scan.ts';
import { filesOf } from '../support/bill.ts';
import type { TestConnection } from '../support/events.ts';
import { type ShownReport, shownReport } from '../support/report.ts';
import { CONNECTION_LOG, EVENTS, storeOf } from '../support/stored.ts';
import { arbitraryStream, connectionText, durationText, STREAM_START } from '../support/streams.ts';

const RUNS = Math.ceil(Number(process.env['DAYBOOK_FUZZ_RUNS'] ?? 3000) / 100);
const cuts = fc.constantFrom({}, { threads: 1, segmentBytes: 200 });
const asked = fc.record({
  windows: fc.constantFrom(
    ...['10s', '1m', '1h', '1d', '1mo'].map((every) => ({ every })),
    ...['7s', '1m', '5h'].map((every) => ({ every, align: 'first' as const })),
  ),
  tz: fc.constantFrom('UTC', 'Asia/Kathmandu'),
  range: fc.constantFrom<Partial<RangeRequest>>(
    {},
    { from: `${STREAM_START + 30_000}`, to: `${STREAM_START + 7_200_000}` },
    { from: `${STREAM_START - 30_000}` },
    { to: `${STREAM_START + 400_000}` },
  ),
});
type Open = (request: WindowRequest, scan?: Partial<ScanOptions>) => Promise<ShownReport>;
const ON_CONNECTIONS: Readonly<Record<string, Open>> = {
  hosts: (request, scan) => shownReport(openHosts({ ...request, host: 'Matina' }), scan),
  top: (request, scan) => shownReport(openTop({ ...request, by: 'either', limit: 2 }), scan),
  traffic: (request, scan) => shownReport(openTraffic({ ...request, host: 'Matina' }), scan),
};
const ON_EVENTS: Readonly<Record<string, Open>> = {
  counts: (request, scan) =>
    shownReport(openCounts({ ...request, ...readAs(request), interval: '15m' }), scan),
  'counts of some': (request, scan) => {
    const some = { types: ['10'], subjects: ['Keimy'], value: 'sum' } as const;
    return shownReport(openCounts({ ...request, ...some, ...readAs(request, '5') }), scan);
  },
};

/** How files are read; a store knows how they were. */
function readAs({ store }: WindowRequest, valueColumn?: string) {
  return store === undefined ? { header: false, valueColumn } : {};
}

describe('--every --store', () => {
  for (const [name, open] of Object.entries(ON_CONNECTIONS))
    test(`tells of ${name} what it tells of the file`, () =>
      sameFromStore(open, CONNECTION_LOG, connectionText));

  for (const [name, open] of Object.entries(ON_EVENTS))
    test(`tells of ${name} what it tells of the file`, () => sameFromStore(open, EVENTS, csvText));

  test('counts what is late from files', async () => {
    const log = [0, 10, 1].map((minute) => `${minute * 60_000} A B\n`).join('');
    using files = filesOf({ log });
    using store = await storeOf(files.paths, CONNECTION_LOG);
    const request = { every: '1h', maxDisorder: '1m' };
    const fromFile = await shownReport(openTop({ ...request, files: files.paths }));
    assert.deepEqual([fromFile.books.counted, fromFile.books.late], [2, 1]);
    const stored = await shownReport(openTop({ ...request, files: [], store: store.path }));
    assert.deepEqual([stored.books.counted, stored.books.late], [3, 0]);
    assert.deepEqual(stored.rows, [[0, 3_600_000, 'final', 'A', 3]]);
  });

  test('has no windows where the store has no inputs', async () => {
    using store = await storeOf([], CONNECTION_LOG);
    const request = { every: '1h', files: [], store: store.path };
    assert.deepEqual((await shownReport(openTop(request))).rows, []);
  });
});

/** Holds a report of a store to that of the file, byte by byte, but for what is not read of a file behind a range. */
async function sameFromStore(
  open: Open,
  reading: typeof CONNECTION_LOG,
  written: (events: readonly TestConnection[]) => string,
): Promise<void> {
  await fc.assert(
    fc.asyncProperty(arbitraryStream(), asked, cuts, async (stream, asked, scan) => {
      const { range, windows, tz } = asked;
      using files = filesOf({ log: written(stream.events) });
      using store = await storeOf(files.paths, reading);
      const request = { tz, ...windows, ...range, maxDisorder: durationText(stream.disorderMs) };
      const fromFile = await open({ ...request, files: files.paths });
      const stored = await open({ ...request, files: [], store: store.path }, scan);
      assert.deepEqual(stored.rows, fromFile.rows);
      const { counted, late } = fromFile.books;
      assert.deepEqual([stored.books.counted, stored.books.late], [counted, late]);
      if (range.to === undefined) assert.deepEqual(stored.books, fromFile.books);
    }),
    { numRuns: RUNS },
  );
}

function csvText(events: readonly TestConnection[]): string {
  return events.map(({ time, name, object }) => `${name},${object},,${time},1.5\n`).join('');
}
