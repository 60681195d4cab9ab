import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Row } from '../../src/core/table.ts';
import { type BillRequest, openBill } from '../../src/open/open-bill.ts';
import { runReport } from '../../src/pipeline/batch/run-report.ts';
import { filesOf } from '../support/bill.ts';
import { arbitraryLog } from '../support/events.ts';
import { type ShownReport, shownReport } from '../support/report.ts';
import { SESSION_LOG, storeOf } from '../support/stored.ts';
import { sessionText } from '../support/streams.ts';

const RUNS = Math.ceil(Number(process.env['DAYBOOK_FUZZ_RUNS'] ?? 3000) / 100);
const HOUR = 3_600_000;
const times = fc.oneof(fc.nat(99), fc.nat(7200), fc.nat(86_399)).map((second) => second * 1000);
const logs = arbitraryLog({ times }).map(sessionText);
const severalLogs = fc.array(logs, { minLength: 1, maxLength: 4 });
const ranges = fc
  .tuple(fc.nat(24), fc.nat(24))
  .map(([a, b]) => ({ from: `${Math.min(a, b) * HOUR}`, to: `${Math.max(a, b) * HOUR}` }));
const cuts = fc.constantFrom({}, { threads: 1, segmentBytes: 60 });

describe('bill --store', () => {
  test('is the bill of the file, its explanation too, in whatever order records stand', async () => {
    const asked = fc.record(
      {
        names: fc.constant(['CHARLIE', '10']),
        explain: fc.constant(true),
        sessionTimeout: fc.constant('20m'),
        range: ranges,
      },
      { requiredKeys: [] },
    );
    await fc.assert(
      fc.asyncProperty(logs, asked, cuts, async (log, { range, ...others }, scan) => {
        using files = filesOf({ 'app.log': log });
        using store = await storeOf(files.paths, SESSION_LOG);
        const request = { ...others, ...range };
        const fromFile = await shownReport(openBill({ ...request, files: files.paths }));
        const stored = openBill({ ...request, files: [], store: store.path });
        assert.deepEqual(await shownReport(stored, scan), fromFile);
      }),
      { numRuns: RUNS },
    );
  });

  test('is the same by windows', async () => {
    const every = fc.constantFrom('10m', '1h', '6h', '1d');
    const align = fc.constantFrom('clock' as const, 'first' as const);
    await fc.assert(
      fc.asyncProperty(logs, every, align, async (log, every, align) => {
        using files = filesOf({ 'app.log': log });
        using store = await storeOf(files.paths, SESSION_LOG);
        const fromFile = await shownReport(openBill({ every, align, files: files.paths }));
        const stored = openBill({ every, align, files: [], store: store.path });
        assert.deepEqual(await shownReport(stored), fromFile);
      }),
      { numRuns: RUNS },
    );
  });

  test('bills each file as a log of its own, and adds them up', async () => {
    const asked = fc.record({ range: fc.option(ranges, { nil: {} }), explain: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(severalLogs, asked, cuts, async (texts, { range, explain }, scan) => {
        using files = filesOf(Object.fromEntries(texts.map((text, i) => [`${i}.log`, text])));
        using store = await storeOf(files.paths, SESSION_LOG);
        const request = { ...range, explain };
        const each: ShownReport[] = [];
        for (const file of files.paths)
          each.push(await shownReport(openBill({ ...request, files: [file] })));
        const expected = explain ? each.flatMap(({ rows }) => rows) : sumOf(each);
        for (const opened of [
          openBill({ ...request, files: [], store: store.path }),
          openBill({ ...request, files: files.paths, log: 'file' }),
        ]) {
          const { rows, books } = await shownReport(opened, scan);
          assert.deepEqual(new Set(rows), new Set(expected));
          assert.equal(rows.length, expected.length);
          assert.equal(
            books.read,
            each.reduce((sum, one) => sum + one.books.read, 0),
          );
        }
      }),
      { numRuns: RUNS },
    );
  });

  test('bills what source and order of logs say, whoever is asked for first', async () => {
    using files = filesOf({
      'b.log': '10:00:00 BOB Start\n11:00:00 BOB End\n',
      'a.log': '09:00:00 ALICE Start\n12:00:00 CHARLIE End\n',
    });
    using store = await storeOf(files.paths, SESSION_LOG);
    const opened = { files: [], store: store.path };
    assert.deepEqual(await rowsOf(opened), [
      ['ALICE', 1, 10_800_000n],
      ['CHARLIE', 1, 10_800_000n],
      ['BOB', 1, 3_600_000n],
    ]);
    const inOrder = { files: files.paths, log: 'file' } as const;
    assert.deepEqual(
      (await rowsOf(inOrder)).map(([name]) => name),
      ['BOB', 'ALICE', 'CHARLIE'],
    );
  });

  test('bills a log without end where its source says so', async () => {
    const options = { ...(SESSION_LOG.options as object), log: 'all', session_timeout: '30m' };
    using files = filesOf({
      '1.log': '09:00:00 ALICE Start\n09:10:00 ALICE Start\n09:20:00 ALICE End\n',
      '2.log': '12:00:00 BOB Start\n12:10:00 BOB End\n',
    });
    using store = await storeOf(files.paths, { ...SESSION_LOG, options });
    const { rows, notes } = await shownReport(openBill({ files: [], store: store.path }));
    assert.deepEqual(rows, [
      ['ALICE', 2, 1_800_000n],
      ['BOB', 1, 600_000n],
    ]);
    assert.deepEqual(notes, ['timeout']);
    const whole = await shownReport(openBill({ files: files.paths, sessionTimeout: '30m' }));
    assert.deepEqual(whole.rows, rows);
    const request = { files: [], store: store.path };
    assert.match(await timeoutNote(request), /, by session_timeout of the source$/);
    assert.match(
      await timeoutNote({ ...request, sessionTimeout: '30m' }),
      /, by --session-timeout$/,
    );
    await assert.rejects(
      openBill({ ...request, every: '1h' }),
      /^[^-]*session_timeout of the source/,
    );
  });

  test('joins the files of a day', async () => {
    const reading = { ...SESSION_LOG, options: { ...(SESSION_LOG.options as object), log: 'day' } };
    using files = filesOf({
      '1.log': '09:00:00 ALICE Start\n10:00:00 BOB Start\n',
      '2.log': '11:00:00 ALICE End\n11:00:00 BOB End\n',
    });
    using store = await storeOf(files.paths, reading);
    assert.deepEqual(await rowsOf({ files: [], store: store.path }), [
      ['ALICE', 1, 7_200_000n],
      ['BOB', 1, 3_600_000n],
    ]);
    const apart = { files: [], store: store.path, log: 'file' } as const;
    assert.deepEqual(await rowsOf(apart), [
      ['ALICE', 2, 3_600_000n],
      ['BOB', 2, 0n],
    ]);
  });

  test('adds up over adjacent ranges, whatever the logs', async () => {
    const inner = fc.array(fc.nat(24), { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(severalLogs, inner, async (texts, hours) => {
        using files = filesOf(Object.fromEntries(texts.map((text, i) => [`${i}.log`, text])));
        using store = await storeOf(files.paths, SESSION_LOG);
        const edges = [0, ...hours.toSorted((a, b) => a - b), 24].map((hour) => `${hour * HOUR}`);
        const opened = { files: [], store: store.path };
        const parts: ShownReport[] = [];
        for (const [i, to] of edges.slice(1).entries())
          parts.push(await shownReport(openBill({ ...opened, from: edges[i]!, to })));
        const sums = sumOf(parts).map((row) => row.slice(0, 3));
        assert.deepEqual(new Set(sums), new Set(await rowsOf(opened)));
      }),
      { numRuns: Math.ceil(RUNS / 2) },
    );
  });

  test('refuses windows of several logs, and of logs by day that no store knows', async () => {
    using files = filesOf({ '1.log': '09:00:00 A Start\n', '2.log': '09:00:00 A Start\n' });
    const several = { files: files.paths, log: 'file', every: '1h' } as const;
    await assert.rejects(openBill(several), /several logs.*--log all/);
    await assert.rejects(openBill({ files: files.paths, log: 'day' }), /--log file/);
  });
});

async function rowsOf(request: BillRequest): Promise<readonly Row[]> {
  return (await shownReport(openBill(request))).rows;
}

/** The rows of several bills, those of one user added up. */
function sumOf(reports: readonly ShownReport[]): Row[] {
  const users = new Map<string, [string, number, bigint, ...number[]]>();
  for (const [name, sessions, durationMs, ...carried] of reports.flatMap(({ rows }) => rows)) {
    const before = users.get(String(name));
    const more = carried.map((count, i) => Number(count) + Number(before?.[i + 3] ?? 0));
    const sum = Number(sessions) + (before?.[1] ?? 0);
    users.set(String(name), [
      String(name),
      sum,
      BigInt(durationMs!) + (before?.[2] ?? 0n),
      ...more,
    ]);
  }
  return [...users.values()];
}

async function timeoutNote(request: BillRequest): Promise<string> {
  let message = '';
  await runReport(await openBill(request), { threads: 1 }, async ({ notes }) => {
    message = notes.map((note) => note.message).join();
  });
  return message;
}
