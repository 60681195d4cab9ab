import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import type { Row } from '../../src/core/table.ts';
import { openHosts, openTop, openTraffic } from '../../src/open/open-connections.ts';
import type { ScanOptions } from '../../src/pipeline/batch/scan.ts';
import { filesOf } from '../support/bill.ts';
import { needsSharedData, SHARED_DATA } from '../support/needs.ts';
import { seededRandom } from '../support/random.ts';
import { shownReport } from '../support/report.ts';

const HOSTS = join(SHARED_DATA, 'hosts');
const DISORDER_MS = 5 * 60_000;
const HOURLY = { every: '1h', align: 'first' } as const;
/** The same answers must come from all of these. */
const WAYS: readonly Way[] = [
  { how: 'from the file as it is', files: (log) => ({ 'hosts.log': log }) },
  ...[1, 2, 3].map((seed) => ({
    how: `from a copy that is shuffled by up to five minutes (seed ${seed})`,
    files: (log: string) => ({ 'hosts.log': shuffled(log, seed) }),
  })),
  {
    how: 'from a copy with CR LF',
    files: (log) => ({ 'hosts.log': log.replaceAll('\n', '\r\n') }),
  },
  { how: 'from gzip', files: (log) => ({ 'hosts.log.gz': gzipSync(shuffled(log, 4)) }) },
  { how: 'from zstd', files: (log) => ({ 'hosts.log.zst': zstdCompressSync(log) }) },
  { how: 'from rotated pieces', files: (log) => pieces(log) },
  {
    how: 'from rotated pieces that are shuffled and given in the wrong order',
    files: (log) => Object.fromEntries(Object.entries(pieces(shuffled(log, 5))).reverse()),
  },
  ...[1, 2, 5].map((threads) => ({
    how: `from segments of 777 bytes by ${threads} threads`,
    files: (log: string) => ({ 'hosts.log': log }),
    scan: { threads, segmentBytes: 777 },
  })),
  {
    how: 'from pieces, some compressed, by 5 threads',
    files: (log) => {
      const [a, b, c, d] = Object.values(pieces(shuffled(log, 6)));
      return { c: c!, 'a.gz': gzipSync(a!), 'd.zst': zstdCompressSync(d!), b: b! };
    },
    scan: { threads: 5, segmentBytes: 5000 },
  },
];

interface Way {
  readonly how: string;
  readonly files: (log: string) => Record<string, string | Uint8Array>;
  readonly scan?: Partial<ScanOptions>;
}

interface BatchAnswer {
  readonly host: string;
  readonly init: number;
  readonly end: number;
  readonly direction: 'in' | 'out' | 'both';
  readonly expected_hosts_in_first_seen_order: readonly string[];
  readonly connections: number;
}

interface WindowAnswer {
  readonly start: number;
  readonly incoming?: readonly string[];
  readonly outgoing?: readonly string[];
}

interface HourlyAnswers {
  readonly top_per_window: readonly {
    readonly start: number;
    readonly end: number;
    readonly top: readonly string[];
    readonly top_count: number;
    readonly connections: number;
  }[];
  readonly hosts_anchor_first: Readonly<Record<string, readonly WindowAnswer[]>>;
}

describe('reports on connections, of 10,000 real ones', needsSharedData(), () => {
  for (const { how, files, scan } of WAYS) {
    test(`give the known answers for ranges ${how}`, async () => {
      using log = filesOf(files(realLog()));
      const answers = answersIn<BatchAnswer[]>('batch_answers.json');
      const lanes = scan?.threads ?? 1; // Threads take long to start.
      for (const answer of answers.filter((_, i) => i % lanes === 0)) {
        const { host, init, end, direction } = answer;
        const range = { from: String(init), through: String(end) };
        const request = { files: log.paths, host, direction, ...range };
        const { rows } = await shownReport(openHosts(request), scan);
        const peers = rows.map(([name]) => name).sort();
        const counts = { in: 1, out: 2 }[direction as 'in'] ?? 0;
        const connections = rows.reduce(
          (sum, row) =>
            sum + (counts === 0 ? Number(row[1]) + Number(row[2]) : Number(row[counts])),
          0,
        );
        assert.deepEqual(peers, answer.expected_hosts_in_first_seen_order.toSorted(), host);
        assert.equal(connections, answer.connections, host);
      }
    });

    test(`give the known answers hour by hour ${how}`, async () => {
      const { top_per_window, hosts_anchor_first } = answersIn<HourlyAnswers>(
        'hourly_answers_anchor_first.json',
      );
      using log = filesOf(files(realLog()));
      const request = { files: log.paths, ...HOURLY };
      const { rows, books } = await shownReport(openTop({ ...request, limit: 1 }), scan);
      assert.deepEqual(
        rows,
        top_per_window.flatMap(({ start, end, top, top_count }) =>
          top.map((host) => [start, end, 'final', host, top_count]),
        ),
      );
      assert.deepEqual([books.read, books.counted], [10_000, 10_000]);
      const all = await shownReport(openTop(request), scan);
      for (const { start, connections } of top_per_window) {
        const counts = all.rows.filter((row) => row[0] === start).map((row) => Number(row[4]));
        assert.equal(
          counts.reduce((sum, count) => sum + count),
          connections,
        );
      }
      for (const [host, answers] of Object.entries(hosts_anchor_first)) {
        const { rows: peers } = await shownReport(openHosts({ ...request, host }), scan);
        const { rows: sections } = await shownReport(openTraffic({ ...request, host }), scan);
        for (const { start } of top_per_window) {
          const { incoming = [], outgoing = [] } = answers.find((it) => it.start === start) ?? {};
          assert.deepEqual(peersIn(start, peers), { incoming, outgoing });
          assert.deepEqual(sectionsIn(start, sections), { incoming, outgoing });
        }
        assert.deepEqual(
          sections.filter((row) => row[3] === 'busiest').map((row) => row.toSpliced(3, 1)),
          rows,
        );
      }
    });
  }

  test('count windows from the first line, also where that is not the earliest', async () => {
    const [first, second, ...others] = linesOf(realLog());
    const origin = Number(second!.split(' ')[0]);
    using log = filesOf({ 'hosts.log': `${[second, first, ...others].join('\n')}\n` });
    const { rows, books } = await shownReport(openTop({ files: log.paths, ...HOURLY, limit: 1 }));
    const starts = [...new Set(rows.map(([start]) => start))];
    assert.deepEqual(
      starts,
      Array.from({ length: 25 }, (_, i) => origin + (i - 1) * 3_600_000),
    );
    assert.equal(books.counted, 10_000);
  });

  test('read ten lines, the last one without its end', async () => {
    const files = [join(HOSTS, 'input-file-10.txt')];
    const { rows, books } = await shownReport(openTop({ files }));
    assert.equal(rows.length, 10);
    assert.equal(books.counted, 10);
  });
});

describe('reports on connections, of small files', needsSharedData(), () => {
  const answers = () => answersIn<SmallAnswers>('small_answers.json');

  test('give the known answers in a range', async () => {
    const { file, window, host, incoming, outgoing, generated } = answers();
    const files = [join(HOSTS, file)];
    const range = { from: String(window[0]), through: String(window[1]) };
    const peers = await shownReport(openHosts({ files, host, ...range }));
    assert.deepEqual(countsOf(peers.rows, 1), incoming);
    assert.deepEqual(countsOf(peers.rows, 2), outgoing);
    assert.deepEqual(
      countsOf(
        peers.rows.map(([name, inbound, outbound]) => [name!, Number(inbound) + Number(outbound)]),
        1,
      ),
      answers().connections_either_direction,
    );
    const busiest = await shownReport(openTop({ files, ...range }));
    assert.deepEqual(countsOf(busiest.rows, 1), generated);
  });

  test('give the known answers for a host that connects to itself', async () => {
    const { file, in: incoming, out, both } = answers().case_11;
    const files = [join(HOSTS, file)];
    const shown = async (direction: 'in' | 'out' | 'both') =>
      (await shownReport(openHosts({ files, host: 'anass', direction }))).rows;
    assert.deepEqual(countsOf(await shown('in'), 1), incoming);
    assert.deepEqual(countsOf(await shown('out'), 2), out);
    const sums = (await shown('both')).map((row) => [row[0]!, Number(row[1]) + Number(row[2])]);
    assert.deepEqual(countsOf(sums, 1), both);
  });

  test('give the known answers for the example in seconds', async () => {
    const { file, garak_in, quark_in, quark_out } = answers().statement_example;
    const files = [join(HOSTS, file)];
    const range = { from: '1366815793', through: '1366815811', timeUnit: 's' } as const;
    const shown = async (host: string, direction: 'in' | 'out') =>
      (await shownReport(openHosts({ files, host, direction, ...range }))).rows.map(
        ([name]) => name,
      );
    assert.deepEqual((await shown('garak', 'in')).sort(), garak_in.toSorted());
    assert.deepEqual(await shown('quark', 'in'), quark_in);
    assert.deepEqual(await shown('quark', 'out'), quark_out);
  });

  for (const { id } of edgeCases({ mode: 'batch' })) {
    test(`give the known answer for ${id}`, async () => {
      const edge = edgeCases({ id })[0]!;
      using log = filesOf({ 'hosts.log': edge.input });
      const range = { from: String(edge.init), through: String(edge.end) };
      const { host, direction } = edge;
      const { rows } = await shownReport(
        openHosts({ files: log.paths, host, direction, ...range }),
      );
      assert.deepEqual(
        rows.map(([name]) => name),
        (edge.expected as string[]).toSorted(),
      );
    });
  }

  for (const { id } of edgeCases({ mode: 'hourly' })) {
    test(`give the known answer for ${id}, a millisecond made a second`, async () => {
      const edge = edgeCases({ id })[0]!;
      const { host, period, lag, from, expected, dropped } = edge;
      using log = filesOf({ 'hosts.log': edge.input.replaceAll(/^\d+/gm, '$&000') });
      const request = {
        files: log.paths,
        every: `${period}s`,
        align: edge.anchor,
        maxDisorder: `${lag}s`,
        from: from === undefined ? undefined : `${from}000`,
      };
      const peers = await shownReport(openHosts({ ...request, host }));
      const busiest = await shownReport(openTop({ ...request, limit: 1 }));
      assert.equal(peers.books.late, dropped);
      const windows = [...new Set(peers.rows.map(([start]) => Number(start)))];
      const answers = expected as (WindowAnswer & { top?: string[]; top_count?: number })[];
      // Windows count from the first record, says design.md, also where a range begins behind it.
      const starts = from === undefined ? answers.map(({ start }) => start * 1000) : [0];
      assert.deepEqual(windows, starts);
      for (const [i, { incoming, outgoing, top, top_count }] of answers.entries()) {
        const found = peersIn(starts[i]!, peers.rows);
        if (incoming) assert.deepEqual(found.incoming, incoming);
        if (outgoing) assert.deepEqual(found.outgoing, outgoing);
        const rows = busiest.rows
          .filter(([start]) => start === starts[i])
          .map((row) => row.slice(3));
        if (top) {
          assert.deepEqual(
            rows,
            top.map((name) => [name, top_count]),
          );
        }
      }
    });
  }
});

interface SmallAnswers {
  readonly file: string;
  readonly window: readonly [number, number];
  readonly host: string;
  readonly connections_either_direction: Counts;
  readonly incoming: Counts;
  readonly outgoing: Counts;
  readonly generated: Counts;
  readonly case_11: {
    readonly file: string;
    readonly in: Counts;
    readonly out: Counts;
    readonly both: Counts;
  };
  readonly statement_example: {
    readonly file: string;
    readonly garak_in: readonly string[];
    readonly quark_in: readonly string[];
    readonly quark_out: readonly string[];
  };
}

type Counts = Readonly<Record<string, number>>;

interface EdgeCase {
  readonly id: string;
  readonly mode: 'batch' | 'hourly';
  readonly input: string;
  readonly host: string;
  readonly init: number;
  readonly end: number;
  readonly direction: 'in' | 'out' | 'both';
  readonly period: number;
  readonly lag: number;
  readonly anchor: 'first';
  readonly from?: number;
  readonly expected: readonly unknown[];
  readonly dropped: number;
}

function answersIn<Answers>(name: string): Answers {
  return JSON.parse(readFileSync(join(HOSTS, name), 'utf8')) as Answers;
}

/** The cases that are alike in this, none where there is no shared data. */
function edgeCases(like: Partial<EdgeCase>): EdgeCase[] {
  if (needsSharedData().skip !== false) return [];
  return answersIn<EdgeCase[]>('edge_cases.json').filter(
    ({ id, mode }) => (like.id ?? id) === id && (like.mode ?? mode) === mode,
  );
}

function realLog(): string {
  return readFileSync(join(HOSTS, 'input-file-10000.txt'), 'utf8');
}

function linesOf(log: string): string[] {
  return log.trimEnd().split('\n');
}

/** The log as it comes when lines are held up, at most as long as they may be; the first line is not. */
function shuffled(log: string, seed: number): string {
  const random = seededRandom(seed);
  const [first, ...others] = linesOf(log).map((line) => {
    // Half of them exactly on time or as late as can be.
    const share = Math.min(1, Math.max(0, random() * 2 - 0.5));
    return { line, arrival: Number(line.split(' ')[0]) + Math.floor(share * DISORDER_MS) };
  });
  others.sort((a, b) => a.arrival - b.arrival);
  return [first!, ...others].map(({ line }) => `${line}\n`).join('');
}

/** A log in four pieces; all but the last end between two lines. */
function pieces(log: string): Record<string, string> {
  const lines = log.split(/(?<=\n)/);
  const edges = [0, 1, 3333, 7000, lines.length];
  return Object.fromEntries(
    edges.slice(1).map((to, i) => [`hosts.log.${4 - i}`, lines.slice(edges[i], to).join('')]),
  );
}

/** The names of the peers that a report of `hosts` names in a window, each by its way. */
function peersIn(start: number, rows: readonly Row[]) {
  const own = rows.filter((row) => row[0] === start && row[3] !== null);
  const named = (column: number) =>
    own
      .filter((row) => Number(row[column]) > 0)
      .map((row) => row[3])
      .sort();
  return { incoming: named(4), outgoing: named(5) };
}

/** The same of a report of `traffic`. */
function sectionsIn(start: number, rows: readonly Row[]) {
  const named = (section: string) =>
    rows
      .filter((row) => row[0] === start && row[3] === section)
      .map((row) => row[4])
      .sort();
  return { incoming: named('inbound'), outgoing: named('outbound') };
}

/** The counts in a column that are not 0, by name. */
function countsOf(rows: readonly Row[], column: number): Counts {
  return Object.fromEntries(
    rows.filter((row) => row[column] !== 0).map((row) => [row[0], Number(row[column])]),
  );
}
