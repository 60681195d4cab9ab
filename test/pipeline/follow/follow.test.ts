import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { connections } from '../../../src/aggregations/connections.ts';
import { openBill } from '../../../src/open/open-bill.ts';
import { openHosts, openTop, openTraffic } from '../../../src/open/open-connections.ts';
import { hosts } from '../../../src/reports/hosts.ts';
import { top } from '../../../src/reports/top.ts';
import { traffic } from '../../../src/reports/traffic.ts';
import { filesOf } from '../../support/bill.ts';
import { batchesOf, type TestConnection } from '../../support/events.ts';
import { arbitraryChunks, FakeInput, FakeSource, followed } from '../../support/fake-live.ts';
import { shownReport } from '../../support/report.ts';
import {
  arbitrarySessions,
  arbitraryStream,
  connectionText,
  durationText,
  STREAM_START,
  type Stream,
  sessionText,
} from '../../support/streams.ts';
import {
  contentOf,
  finalOf,
  lengthsOf,
  sourceOf,
  stoppedAndResumed,
} from '../../support/window-reports.ts';

const RUNS = Math.ceil(Number(process.env['DAYBOOK_FUZZ_RUNS'] ?? 3000) / 60);
const HOST = 'Matina';
const ALL = Number.POSITIVE_INFINITY;
const VIEW = { direction: 'both', by: 'sent', limit: ALL } as const;
const intervals = fc.constantFrom('10s', '1m', '1h', '1d', '1w');

/** Each report as it is followed, and what it says of the connections in a range. */
const REPORTS = {
  hosts: {
    open: (request: Request) => openHosts({ ...request, host: HOST, follow: true, files: [] }),
    rows: (events: readonly TestConnection[]) => hosts.rows(resultOf(events), VIEW),
  },
  top: {
    open: (request: Request) => openTop({ ...request, limit: 2, follow: true, files: [] }),
    rows: (events: readonly TestConnection[]) => top.rows(resultOf(events), { ...VIEW, limit: 2 }),
  },
  traffic: {
    open: (request: Request) => openTraffic({ ...request, host: HOST, follow: true, files: [] }),
    rows: (events: readonly TestConnection[]) =>
      traffic.rows(resultOf(events), { ...VIEW, limit: 1 }),
  },
} as const;

interface Request {
  readonly every: string;
  readonly maxDisorder: string;
  readonly from?: string;
  readonly to?: string;
}

describe('Follower', () => {
  for (const [name, { open, rows }] of Object.entries(REPORTS)) {
    test(`tells of each window what ${name} tells of its range, in whatever chunks records come`, async () => {
      await fc.assert(
        fc.asyncProperty(
          arbitraryStream(),
          intervals,
          arbitraryChunks(),
          async ({ disorderMs, events }, every, chunks) => {
            const source = sourceOf(connectionText(events), chunks);
            const report = open({ every, maxDisorder: durationText(disorderMs) });
            const { reports, follower } = await followed(report, source);
            const final = reports.filter(({ state }) => state !== 'provisional');
            for (const [i, { window, state, rows: found }] of final.entries()) {
              const { start, end } = window;
              const inside = events.filter(({ time }) => time >= start && time < end);
              assert.deepEqual(contentOf(found), rows(inside));
              if (state !== 'final') assert.equal(inside.length, 0);
              if (i > 0) assert.equal(final[i - 1]!.window.end, start);
            }
            const { read, counted, filtered, late } = follower.books;
            const asked =
              name === 'hosts'
                ? events.filter(({ name: from, object: to }) => from === HOST || to === HOST)
                : events;
            assert.deepEqual([read, counted, late], [events.length, asked.length, 0]);
            assert.equal(filtered, events.length - asked.length);
            const last = Math.max(...events.map(({ time }) => time));
            assert.equal(final.length > 0 && final.at(-1)!.window.end > last, events.length > 0);
          },
        ),
        { numRuns: RUNS },
      );
    });
  }

  test('tells of each window of a range what is in both, and ends with the range', async () => {
    const edge = fc.integer({ min: -60, max: 3600 }).map((second) => STREAM_START + second * 1000);
    await fc.assert(
      fc.asyncProperty(
        arbitraryStream(),
        intervals,
        arbitraryChunks(),
        fc.option(edge, { nil: -ALL }),
        fc.option(edge, { nil: ALL }),
        async (stream, every, chunks, p, q) => {
          const [from, to] = [Math.min(p, q), Math.max(p, q)];
          const range = {
            ...(from > -ALL && { from: String(from) }),
            ...(to < ALL && { to: String(to) }),
          };
          const source = sourceOf(connectionText(stream.events), chunks);
          const report = REPORTS.top.open({ ...requestOf(stream, every), ...range });
          const { reports, follower } = await followed(report, source);
          const found = new Set<TestConnection>();
          for (const { window, rows } of finalOf(reports)) {
            const [start, end] = [Math.max(window.start, from), Math.min(window.end, to)];
            const inside = stream.events.filter(({ time }) => time >= start && time < end);
            assert.deepEqual(contentOf(rows), REPORTS.top.rows(inside));
            assert.ok(start < end || from === to);
            for (const event of inside) found.add(event);
          }
          assert.equal(
            found.size,
            stream.events.filter(({ time }) => time >= from && time < to).length,
          );
          assert.equal(follower.books.counted, found.size);
          if (stream.events.length === 0 || from === to) assert.deepEqual(reports, []);
          else if (from > -ALL && to < ALL) {
            assert.ok(finalOf(reports)[0]!.window.start <= from);
            assert.ok(finalOf(reports).at(-1)!.window.end >= to);
          }
        },
      ),
      { numRuns: RUNS },
    );
  });

  test('makes the same reports, provisional ones too, in whatever chunks records come', async () => {
    await fc.assert(
      fc.asyncProperty(
        arbitraryStream(),
        intervals,
        arbitraryChunks(),
        async (stream, every, chunks) => {
          const report = () => REPORTS.traffic.open(requestOf(stream, every));
          const log = connectionText(stream.events);
          const whole = await followed(report(), sourceOf(log));
          const inLines = await followed(report(), sourceOf(log, lengthsOf(log)));
          const inChunks = await followed(report(), sourceOf(log, chunks));
          assert.deepEqual(inChunks.reports, inLines.reports);
          assert.deepEqual(whole.reports, inLines.reports);
        },
      ),
      { numRuns: RUNS },
    );
  });

  test('goes on from what was saved at any step with the same reports', async () => {
    await fc.assert(
      fc.asyncProperty(
        arbitraryStream(),
        intervals,
        arbitraryChunks(),
        fc.nat(20),
        async (stream, every, chunks, at) => {
          const report = () => REPORTS.traffic.open(requestOf(stream, every));
          const log = connectionText(stream.events);
          const whole = await followed(report(), sourceOf(log, chunks));
          const stopped = await stoppedAndResumed(report, [log], { chunks: [chunks], at });
          assert.deepEqual(stopped.reports, whole.reports);
          assert.deepEqual(stopped.books, whole.follower.books);
        },
      ),
      { numRuns: RUNS },
    );
  });

  test('bills of each window what bill tells of its range, in whatever chunks records come', async () => {
    await fc.assert(
      fc.asyncProperty(
        arbitrarySessions(),
        fc.constantFrom('10m', '1h', '6h', '1d'),
        arbitraryChunks(),
        async ({ disorderMs, events }, every, chunks) => {
          const log = sessionText(events);
          using files = filesOf({ 'app.log': log });
          const maxDisorder = durationText(disorderMs);
          const request = { files: [], follow: true, every, maxDisorder };
          const inLines = await followed(openBill(request), sourceOf(log, lengthsOf(log)));
          const { reports } = await followed(openBill(request), sourceOf(log, chunks));
          assert.deepEqual(reports, inLines.reports);
          for (const { window, rows, state } of reports) {
            if (state === 'provisional') continue;
            const range = { from: String(window.start), to: String(window.end) };
            const bill = await shownReport(openBill({ files: files.paths, ...range }));
            assert.deepEqual(contentOf(rows), bill.rows);
          }
        },
      ),
      { numRuns: Math.ceil(RUNS / 3) },
    );
  });

  test('goes on billing from what was saved at any step', async () => {
    await fc.assert(
      fc.asyncProperty(
        arbitrarySessions(),
        fc.constantFrom('10m', '1h', '1d'),
        arbitraryChunks(),
        fc.nat(20),
        async ({ disorderMs, events }, every, chunks, at) => {
          const maxDisorder = durationText(disorderMs);
          const report = () => openBill({ files: [], follow: true, every, maxDisorder });
          const log = sessionText(events);
          const whole = await followed(report(), sourceOf(log));
          const stopped = await stoppedAndResumed(report, [log], { chunks: [chunks], at });
          assert.deepEqual(stopped.reports, whole.reports);
          assert.deepEqual(stopped.books, whole.follower.books);
        },
      ),
      { numRuns: RUNS },
    );
  });
});

describe('Follower, of several inputs', () => {
  test('reports what it reports of one, in whatever chunks and wherever it was stopped', async () => {
    await fc.assert(
      fc.asyncProperty(
        arbitraryStream(),
        fc.array(fc.nat(2), { minLength: 80, maxLength: 80 }),
        intervals,
        fc.array(arbitraryChunks(), { minLength: 3, maxLength: 3 }),
        fc.nat(20),
        async (stream, dealt, every, chunks, at) => {
          const report = () => REPORTS.traffic.open(requestOf(stream, every));
          const { events } = stream;
          const one = await followed(report(), sourceOf(connectionText(events)));
          const logs = [0, 1, 2].map((rank) =>
            connectionText(events.filter((_, i) => dealt[i] === rank)),
          );
          const inputs = logs.map(
            (log, i) => new FakeInput(`log ${i}`, i, Buffer.from(log), { chunks: chunks[i]! }),
          );
          const several = await followed(report(), new FakeSource(inputs), { now: () => 0 });
          assert.deepEqual(finalOf(several.reports), finalOf(one.reports));
          assert.deepEqual(several.follower.books, one.follower.books);
          const stopped = await stoppedAndResumed(report, logs, { chunks, at });
          assert.deepEqual(finalOf(stopped.reports), finalOf(one.reports));
          assert.deepEqual(stopped.books, one.follower.books);
        },
      ),
      { numRuns: RUNS },
    );
  });

  test('reports only the same windows of rotated pieces, in whatever order they are named', async () => {
    await fc.assert(
      fc.asyncProperty(
        arbitraryStream(),
        fc.array(fc.nat(80), { minLength: 3, maxLength: 3 }),
        fc.func(fc.integer()),
        intervals,
        async (stream, cuts, rank, every) => {
          const report = () => REPORTS.traffic.open(requestOf(stream, every));
          const one = await followed(report(), sourceOf(connectionText(stream.events)));
          const edges = [0, ...cuts.sort((a, b) => a - b), stream.events.length];
          const pieces = edges.slice(1).map((to, i) => stream.events.slice(edges[i], to));
          const named = pieces.toSorted((a, b) => rank(a.length) - rank(b.length));
          const inputs = named.map(
            (events, i) => new FakeInput(`log ${i}`, i, Buffer.from(connectionText(events))),
          );
          const { reports } = await followed(report(), new FakeSource(inputs));
          assert.deepEqual(finalOf(reports), finalOf(one.reports));
        },
      ),
      { numRuns: RUNS },
    );
  });

  test('bills of each window what bill tells of all files, equal times in the order of the inputs', async () => {
    await fc.assert(
      fc.asyncProperty(
        arbitrarySessions(),
        fc.array(fc.nat(1), { minLength: 60, maxLength: 60 }),
        fc.constantFrom('10m', '1h', '1d'),
        fc.array(arbitraryChunks(), { minLength: 2, maxLength: 2 }),
        async ({ disorderMs, events }, dealt, every, chunks) => {
          const logs = [0, 1].map((rank) =>
            sessionText(events.filter((_, i) => dealt[i] === rank)),
          );
          const inputs = logs.map(
            (log, i) => new FakeInput(`log ${i}`, i, Buffer.from(log), { chunks: chunks[i]! }),
          );
          const maxDisorder = durationText(disorderMs);
          const report = openBill({ files: [], follow: true, every, maxDisorder });
          const { reports } = await followed(report, new FakeSource(inputs), { now: () => 0 });
          using files = filesOf({ 'a.log': logs[0]!, 'b.log': logs[1]! });
          for (const { window, rows } of finalOf(reports)) {
            const range = { from: String(window.start), to: String(window.end) };
            const bill = await shownReport(openBill({ files: files.paths, ...range }));
            assert.deepEqual(contentOf(rows), bill.rows);
          }
        },
      ),
      { numRuns: Math.ceil(RUNS / 3) },
    );
  });
});

function requestOf({ disorderMs }: Stream, every: string): Request {
  return { every, maxDisorder: durationText(disorderMs) };
}

function resultOf(events: readonly TestConnection[]) {
  const { zero, add, finish } = connections({ from: -ALL, to: ALL, host: HOST, everyHost: true });
  const state = zero();
  for (const batch of batchesOf(events)) add(state, batch);
  return finish(state);
}
