import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import type { Row } from '../../src/core/table.ts';
import { type BillRequest, openBill } from '../../src/open/open-bill.ts';
import { filesOf } from '../support/bill.ts';
import { arbitraryLog } from '../support/events.ts';
import { shownReport } from '../support/report.ts';
import { sessionText } from '../support/streams.ts';
import { contentOf } from '../support/window-reports.ts';

const RUNS = Math.ceil(Number(process.env['DAYBOOK_FUZZ_RUNS'] ?? 3000) / 100);
const SECOND = 1000;
const times = fc
  .oneof(fc.nat(99), fc.nat(7200), fc.nat(86_399), fc.integer({ min: 3600, max: 11_000 }))
  .map((second) => second * SECOND);
/** Logs in any order of time, halves missing. */
const logs = arbitraryLog({ times }).map(sessionText);
const intervals = fc.constantFrom('10m', '45m', '1h', '6h', '12h', '1d');

describe('bill --every', () => {
  test('tells of each window what a bill of its range tells, and adds up to the whole', async () => {
    const asked = fc.record({
      names: fc.option(fc.constant(['CHARLIE', '10']), { nil: undefined }),
      rate: fc.option(fc.constant('0.0025'), { nil: undefined }),
      align: fc.constantFrom('clock' as const, 'first' as const),
    });
    await fc.assert(
      fc.asyncProperty(logs, intervals, asked, async (log, every, request) => {
        using files = filesOf({ 'app.log': log });
        await checkWindows(files.paths, { ...request, every });
      }),
      { numRuns: RUNS },
    );
  });

  test('does so where days have 23 or 25 hours', async () => {
    const days = fc.constantFrom(
      { tz: 'Europe/Berlin', date: '2021-03-28' },
      { tz: 'Europe/Berlin', date: '2021-10-31' },
      { tz: 'Australia/Lord_Howe', date: '2021-04-04' },
      { tz: 'Pacific/Apia', date: '2011-12-29' },
    );
    await fc.assert(
      fc.asyncProperty(logs, intervals, days, async (log, every, day) => {
        using files = filesOf({ 'app.log': log });
        await checkWindows(files.paths, { ...day, every });
      }),
      { numRuns: Math.ceil(RUNS / 3) },
    );
  });

  test('does so for a log of several days', async () => {
    const steps = fc.oneof(fc.nat(600), fc.integer({ min: 0, max: 11 * 3600 }));
    const walks = fc
      .array(fc.tuple(steps, fc.constantFrom('A', 'B', 'C'), fc.boolean()), { maxLength: 40 })
      .map((walk) => {
        let time = 0;
        return walk.map(([step, name, start]) => {
          time += step * SECOND;
          return { time, name, start };
        });
      });
    const zone = fc.constantFrom('UTC', 'Europe/Berlin', 'America/St_Johns');
    await fc.assert(
      fc.asyncProperty(walks, intervals, zone, async (walk, every, tz) => {
        using files = filesOf({ 'app.log': sessionText(walk) });
        const days = { spansMidnight: true, date: '2021-03-27', tz };
        await checkWindows(files.paths, { ...days, every });
      }),
      { numRuns: RUNS },
    );
  });

  test('is the same from one file, several, and compressed ones, in any number of threads', async () => {
    await fc.assert(
      fc.asyncProperty(logs, intervals, fc.nat(40), async (log, every, at) => {
        const lines = log.split(/(?<=\n)/);
        const pieces = [lines.slice(0, at).join(''), lines.slice(at).join('')];
        using files = filesOf({ log, b: pieces[0]!, 'a.gz': gzipSync(pieces[1]!) });
        const [plain, ...others] = files.paths;
        const whole = await shownReport(openBill({ files: [plain!], every }));
        for (const scan of [{}, { threads: 1, segmentBytes: 100 }])
          assert.deepEqual(await shownReport(openBill({ files: others, every }), scan), whole);
        const scan = { threads: 2, segmentBytes: 100 };
        if (at % 8 === 0)
          assert.deepEqual(await shownReport(openBill({ files: [plain!], every }), scan), whole);
      }),
      { numRuns: RUNS },
    );
  });

  test('bills a range of windows as parts of the whole log', async () => {
    const range = fc.tuple(fc.nat(24), fc.nat(24)).map((hours) => hours.sort((a, b) => a - b));
    await fc.assert(
      fc.asyncProperty(logs, range, async (log, [begin, end]) => {
        using files = filesOf({ 'app.log': log });
        const [from, to] = [begin! * 3_600_000, end! * 3_600_000];
        const request = { from: String(from), to: String(to), every: '1h' };
        await checkWindows(files.paths, request);
        const { rows } = await shownReport(openBill({ files: files.paths, ...request }));
        const starts = [...new Set(rows.map(([start]) => Number(start)))];
        // Windows with nothing in them are told of as well, on both sides of the log.
        if (log !== '' && from < to)
          assert.deepEqual([starts[0], Number(rows.at(-1)![1])], [from, to]);
      }),
      { numRuns: RUNS },
    );
  });

  test('tells of a session that lasts over many windows', async () => {
    using files = filesOf({ 'app.log': '00:00:00 A Start\n23:59:59 A End\n23:59:59 B Start\n' });
    const { rows } = await shownReport(openBill({ files: files.paths, every: '10m' }));
    assert.deepEqual(rows, [
      [0, 600_000, 'final', 'A', 1, 600_000n, 0],
      [600_000, 85_800_000, 'gap of 142', 'A', 0, 85_200_000n, 1],
      [85_800_000, 86_400_000, 'final', 'A', 0, 599_000n, 1],
      [85_800_000, 86_400_000, 'final', 'B', 1, 0n, 0],
    ]);
  });
});

/** Bills window by window, and each of them alone. */
async function checkWindows(
  files: readonly string[],
  { every, align, ...request }: Partial<BillRequest>,
): Promise<void> {
  const inWindows = await shownReport(openBill({ ...request, align, every, files }));
  const { rows } = inWindows;
  const windows = new Map(rows.map(([start, end]) => [Number(start), Number(end)]));
  let previous = rows.length > 0 ? Number(rows[0]![0]) : 0;
  for (const [start, end] of windows) {
    assert.equal(start, previous);
    previous = end;
    const own = rows.filter((row) => row[0] === start);
    const range = { from: String(start), to: String(end) };
    const alone = await shownReport(openBill({ ...request, ...range, files }));
    // A window at the edge of a range says nothing of what is outside.
    assert.deepEqual(contentOf(own), alone.rows, `${start} to ${end}`);
  }
  const whole = await shownReport(openBill({ ...request, files }));
  assert.deepEqual(inWindows.books, whole.books);
  assert.deepEqual(
    inWindows.notes,
    whole.notes.filter((code) => code !== 'total'),
  );
  assert.deepEqual(sumsOf(rows.map((row) => row.slice(3))), sumsOf(whole.rows));
}

/** Sessions and time by name, of those of whom there are some. */
function sumsOf(rows: readonly Row[]): Map<string, [sessions: number, durationMs: bigint]> {
  const sums = new Map<string, [number, bigint]>();
  for (const [name, sessions, durationMs] of rows) {
    if (name === null) continue;
    const [count, ms] = sums.get(String(name)) ?? [0, 0n];
    sums.set(String(name), [count + Number(sessions), ms + BigInt(durationMs!)]);
  }
  return new Map([...sums].sort(([a], [b]) => (a < b ? -1 : 1)));
}
