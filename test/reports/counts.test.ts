import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import type { Row } from '../../src/core/table.ts';
import { type CountsRequest, openCounts } from '../../src/open/open-counts.ts';
import type { ScanOptions } from '../../src/pipeline/batch/scan.ts';
import { filesOf } from '../support/bill.ts';
import { needsSharedData, SHARED_DATA } from '../support/needs.ts';
import { seededRandom } from '../support/random.ts';
import { shownReport } from '../support/report.ts';

const COUNTS = join(SHARED_DATA, 'counts');
const SYNTHETIC = 'events-synthetic-17h.csv';
/** The same answers must come from all of these. */
const WAYS: readonly Way[] = [
  { how: 'from the file as it is', files: (log) => ({ 'events.csv': log }) },
  ...[1, 2].map((seed) => ({
    how: `from a copy that is shuffled (seed ${seed})`,
    files: (log: string) => ({ 'events.csv': shuffled(log, seed) }),
  })),
  { how: 'from CR LF', files: (log) => ({ 'events.csv': log.replaceAll('\n', '\r\n') }) },
  { how: 'from quoted cells', files: (log) => ({ 'events.csv': quoted(log) }) },
  {
    how: 'from quoted cells that span lines, below a header and a byte order mark',
    files: (log) => ({ 'events.csv': `\ufeffcustomer,"type",id,"at"\n${spanning(log)}` }),
  },
  { how: 'from gzip', files: (log) => ({ 'events.csv.gz': gzipSync(shuffled(log, 3)) }) },
  { how: 'from zstd', files: (log) => ({ 'events.csv.zst': zstdCompressSync(log) }) },
  {
    how: 'from pieces in any order',
    files: (log) => Object.fromEntries(Object.entries(pieces(shuffled(log, 4))).reverse()),
  },
  ...[1, 2, 3, 4].map((threads) => ({
    how: `from segments of 7,777 bytes by ${threads} threads`,
    files: (log: string) => ({ 'events.csv': log }),
    scan: { threads, segmentBytes: 7777 },
  })),
  {
    how: 'from segments of cells that span lines by 2 threads',
    files: (log) => ({ 'events.csv': spanning(log) }),
    scan: { threads: 2, segmentBytes: 5000 },
  },
  {
    how: 'from pieces, some compressed, by 4 threads',
    files: (log) => {
      const [a, b, c] = Object.values(pieces(shuffled(log, 5)));
      return { c: c!, 'a.gz': gzipSync(a!), b: quoted(b!) };
    },
    scan: { threads: 4, segmentBytes: 20_000 },
  },
];

interface Way {
  readonly how: string;
  readonly files: (log: string) => Record<string, string | Uint8Array>;
  readonly scan?: Partial<ScanOptions>;
}

type Counts = Readonly<Record<string, number>>;

interface Answer {
  readonly customer: string | null;
  readonly start: string;
  readonly end: string;
  /** Of a customer by hour, or of each by hour. */
  readonly buckets?: Readonly<Record<string, number | Counts>>;
  /** Of all by hour. */
  readonly totals?: Counts;
}

interface Answers {
  readonly published: readonly Answer[];
  readonly 'supriya_test_events.csv': {
    readonly accepted: number;
    readonly rejected: number;
    readonly queries: readonly Answer[];
  };
  readonly 'statement_example.csv': Answer;
  readonly 'events-synthetic-17h.csv': { readonly rows: number; readonly readme_example: Answer };
}

describe('daybook counts, of 12,713 events', needsSharedData(), () => {
  for (const { how, files, scan } of WAYS) {
    test(`gives the known answers ${how}`, async () => {
      using log = filesOf(files(readFileSync(join(COUNTS, SYNTHETIC), 'utf8')));
      const { published, [SYNTHETIC]: own } = answers();
      const lanes = scan?.threads ?? 1; // Threads take long to start.
      const all = [own.readme_example, ...published].filter((_, i) => i % lanes === 0);
      for (const answer of all) await checkAnswer(log.paths, answer, scan);
      const { books } = await shownReport(openCounts({ files: log.paths }), scan);
      assert.deepEqual([books.read, books.counted], [own.rows, own.rows]);
    });
  }

  test('shows what the range cuts', async () => {
    const { start, end, customer } = answers()[SYNTHETIC].readme_example;
    const request = { files: [join(COUNTS, SYNTHETIC)], from: start, to: end };
    const { rows } = await shownReport(openCounts({ ...request, subjects: [customer!] }));
    assert.deepEqual(
      rows.map((row) => row[3]),
      ['start', 'none', 'none', 'none', 'end'],
    );
  });
});

describe('daybook counts, of small files', needsSharedData(), () => {
  test('gives the known answer for the example', async () => {
    await checkAnswer([join(COUNTS, 'statement_example.csv')], answers()['statement_example.csv']);
  });

  test('gives the known answers for rows of which some lack a customer or a time', async () => {
    const file = 'supriya_test_events.csv';
    const { queries, accepted, rejected } = answers()[file];
    const files = [join(COUNTS, file)];
    for (const query of queries) await checkAnswer(files, query);
    const { books } = await shownReport(openCounts({ files }));
    assert.deepEqual([books.counted, books.read], [accepted, accepted + rejected]);
    assert.deepEqual(books.rejected, { subject: 1, time: 1 });
  });
});

function answers(): Answers {
  return JSON.parse(readFileSync(join(COUNTS, 'answers.json'), 'utf8')) as Answers;
}

async function checkAnswer(
  files: readonly string[],
  { customer, start, end, buckets, totals }: Answer,
  scan: Partial<ScanOptions> = {},
): Promise<void> {
  const subjects = customer === null ? undefined : [customer];
  const request: CountsRequest = { files, from: start, to: end, subjects };
  const { rows } = await shownReport(openCounts(request), scan);
  if (totals) assert.deepEqual(hourly(rows), totals);
  else if (customer !== null) assert.deepEqual(hourly(rows), buckets);
  else {
    const hours = Object.groupBy(rows, (row) => hourOf(row));
    const found = Object.entries(hours).map(([hour, own]) => [
      hour,
      Object.fromEntries(own!.map(([subject, , count]) => [subject, count])),
    ]);
    assert.deepEqual(Object.fromEntries(found), buckets);
  }
}

/** Counts by hour, of all that the rows are of. */
function hourly(rows: readonly Row[]): Counts {
  const counts: Record<string, number> = {};
  for (const row of rows) counts[hourOf(row)] = (counts[hourOf(row)] ?? 0) + Number(row[2]);
  return counts;
}

function hourOf(row: Row): string {
  return new Date(Number(row[1])).toISOString().replace('.000', '');
}

function linesOf(log: string): string[] {
  return log.trimEnd().split('\n');
}

function shuffled(log: string, seed: number): string {
  const random = seededRandom(seed);
  const ranked = linesOf(log).map((line) => ({ line, rank: random() }));
  return `${ranked
    .sort((a, b) => a.rank - b.rank)
    .map(({ line }) => line)
    .join('\n')}\n`;
}

function quoted(log: string): string {
  return linesOf(log)
    .map((line) => `"${line.replaceAll(',', '","')}"\n`)
    .join('');
}

/** With line ends, commas and quotes in every third id. */
function spanning(log: string): string {
  return linesOf(log)
    .map((line, i) => {
      const [customer, type, id, at] = line.split(',');
      const cell = i % 3 === 0 ? `"${id}\n,""x""\r\n${customer},${type},${id},${at}\n"` : id;
      return `${customer},${type},${cell},${at}\n`;
    })
    .join('');
}

/** In three pieces that end between two rows. */
function pieces(log: string): Record<string, string> {
  const lines = log.split(/(?<=\n)/);
  const edges = [0, 1, 7000, lines.length];
  return Object.fromEntries(
    edges.slice(1).map((to, i) => [`events-${i}.csv`, lines.slice(edges[i], to).join('')]),
  );
}
