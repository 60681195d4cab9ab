import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import type { Decoder } from '../../../src/core/decoder.ts';
import { EventBatch } from '../../../src/core/event-batch.ts';
import type { Job } from '../../../src/core/job.ts';
import type { Reject } from '../../../src/core/rejects.ts';
import type { Input } from '../../../src/core/source.ts';
import { openTop, type TopRequest } from '../../../src/open/open-connections.ts';
import { BLOCK_BYTES } from '../../../src/pipeline/read/range-end.ts';
import { shortenInputs } from '../../../src/pipeline/read/shorten-inputs.ts';
import { filesOf } from '../../support/bill.ts';
import { seededRandom } from '../../support/random.ts';
import { type ShownReport, shownReport } from '../../support/report.ts';

const RUNS = Math.ceil(Number(process.env['DAYBOOK_FUZZ_RUNS'] ?? 3000) / 50);
const START = 1_565_647_200_000;
const TORN = Date.UTC(2466, 0, 1);
const DISORDER_MS = 60_000;
/** No log is so far out of order, so all of it is read. */
const ALL = '9999d';

/** A log within the disorder, of some hundred kB, and a range. */
interface Plan {
  readonly seed: number;
  readonly records: number;
  readonly stepMs: number;
  readonly longest: number;
  /** Where the range begins and how long it is, as shares of the log's time. */
  readonly from: number;
  readonly length: number;
  readonly torn: boolean;
}

const plans: fc.Arbitrary<Plan> = fc.record({
  seed: fc.nat(),
  records: fc.integer({ min: 0, max: 9000 }),
  stepMs: fc.constantFrom(0, 1, 20, 200),
  longest: fc.constantFrom(5, 60, 2 * BLOCK_BYTES),
  from: fc.double({ min: -0.1, max: 1.1, noNaN: true }),
  length: fc.double({ min: 0, max: 0.5, noNaN: true }),
  torn: fc.boolean(),
});

describe('reading up to the end of a range', () => {
  test('finds the same as reading all, and knows what it left unread', async () => {
    let stopped = 0;
    await fc.assert(
      fc.asyncProperty(plans, async (plan) => {
        const log = logOf(plan);
        using files = filesOf({ 'hosts.log': log });
        const range = rangeOf(plan);
        const [part, whole] = [
          await shown(files.paths, range),
          await shown(files.paths, { ...range, maxDisorder: ALL }),
        ];
        assert.deepEqual(part.rows, whole.rows);
        assert.equal(part.books.counted, whole.books.counted);
        const { read, unread = 0 } = part.books;
        assert.equal(unread, log.length - bytesOfLines(log, read));
        assert.equal(whole.books.unread, undefined);
        if (unread > 0) stopped++;
      }),
      { numRuns: RUNS },
    );
    assert.ok(stopped > RUNS / 6, `stopped in ${stopped} runs only`);
  });

  test('stops at the same byte however many threads there are, and whether or not rejects are kept', async () => {
    await fc.assert(
      fc.asyncProperty(
        plans,
        fc.integer({ min: 3000, max: 90_000 }),
        async (plan, segmentBytes) => {
          const log = logOf(plan);
          using files = filesOf({ 'hosts.log': log });
          const whole = await shown(files.paths, rangeOf(plan));
          const rejects: Reject[] = [];
          const keep = async (found: readonly Reject[]) => void rejects.push(...found);
          for (const options of [
            { segmentBytes },
            { segmentBytes, rejects: keep },
            { threads: 3, segmentBytes },
          ])
            assert.deepEqual(await shown(files.paths, rangeOf(plan), options), whole);
          assert.equal(rejects.length, whole.books.rejected['field count'] ?? 0);
          const read = bytesOfLines(log, whole.books.read);
          assert.ok(rejects.every(({ offset }) => offset < read));
        },
      ),
      { numRuns: Math.ceil(RUNS / 4) },
    );
  });

  test('stops in what is compressed, too, and says where', async () => {
    const log = logOf({ ...SORTED, records: 9000 });
    using files = filesOf({ 'hosts.log': log, 'hosts.log.gz': gzipSync(log) });
    const [plain, gzip] = files.paths;
    const range = { from: String(START), to: String(START + 100_000) };
    const [whole, packed] = [await shown([plain!], range), await shown([gzip!], range)];
    assert.deepEqual(packed.rows, whole.rows);
    assert.deepEqual([whole.notes, packed.notes], [['unread'], ['unread']]);
    assert.equal(packed.books.read, whole.books.read);
    assert.ok(packed.books.read < 9000);
  });

  test('stops in each of several files, whatever their order', async () => {
    const [a, b] = [0, 1].map((seed) => logOf({ ...SORTED, seed, records: 6000 }));
    using files = filesOf({ a: a!, b: b!, none: '', short: a!.slice(0, 100) });
    const range = { from: String(START), to: String(START + 90_000) };
    const found = await shown(files.paths, range);
    const turned = await shown(files.paths.toReversed(), range);
    assert.deepEqual(turned, found);
    assert.deepEqual(found.rows, (await shown(files.paths, { ...range, maxDisorder: ALL })).rows);
    assert.ok(found.books.unread! > a!.length);
  });

  test('is not ended by a torn time, wherever that stands', async () => {
    const lines = linesOf(logOf({ ...SORTED, records: 3000 }));
    for (const to of [START + 100_000, START + 3000 * SORTED.stepMs + 1]) {
      const range = { from: String(START), to: String(to), maxDisorder: ALL };
      using sound = filesOf({ 'hosts.log': lines.join('') });
      const { rows } = await shown(sound.paths, range);
      for (const at of [0, 1, 560, 561, 1000, 1500, lines.length]) {
        using files = filesOf({ 'hosts.log': lines.toSpliced(at, 0, `${TORN} a b\n`).join('') });
        const found = await shown(files.paths, { ...range, maxDisorder: '1m' });
        assert.deepEqual(found.rows, rows, `line ${at}`);
      }
    }
  });

  test('finds a record that is exactly the disorder late, not one a millisecond later', async () => {
    for (const [behind, found] of [
      [0, 1],
      [1, 0],
    ] as const) {
      const last = START + 1000;
      const high = last + DISORDER_MS + behind;
      const others = `${high} a b\n`.repeat(3000); // several blocks
      using files = filesOf({ 'hosts.log': `${others}${last} late a\n${others}` });
      const range = { from: String(START), to: String(last + 1) };
      const { rows, books } = await shown(files.paths, range);
      assert.equal(rows.length, found);
      assert.equal(books.unread !== undefined, behind > 0);
    }
  });
});

describe('shortenInputs', () => {
  test('looks at a few blocks only, however long an input is', async () => {
    const lines = Array.from({ length: 100_000 }, (_, i) => `${String(i).padStart(15, '0')}\n`);
    const { job, input, opened } = fakes(Buffer.from(lines.join('')));
    const [shortened] = await shortenInputs([input], job, 30_000);
    const block = Math.floor((30_001 * 16) / BLOCK_BYTES);
    assert.equal(shortened!.sizeBytes, (block + 1) * BLOCK_BYTES);
    assert.ok(opened.length <= 8, `looked at ${opened.length} blocks`);
  });

  test('leaves whole what ends before the range does', async () => {
    for (const log of ['', '1\n', '1\n2\n3', '9\n1\n', '!\n']) {
      const { job, input } = fakes(Buffer.from(log));
      assert.deepEqual(await shortenInputs([input], job, 9), [input]);
    }
  });

  test('keeps the first block where the range is over before the log begins', async () => {
    const { job, input } = fakes(Buffer.from('5\n'.repeat(50_000)));
    const [shortened] = await shortenInputs([input], job, 5);
    assert.equal(shortened!.sizeBytes, BLOCK_BYTES);
  });

  test('leaves alone what cannot be read from any byte on', async () => {
    const { job, input, opened } = fakes(Buffer.from('5\n'.repeat(50_000)));
    const packed = { ...input, splittable: false };
    assert.deepEqual(await shortenInputs([packed], job, 1), [packed]);
    assert.deepEqual(await shortenInputs([input], { ...job, sequential: true }, 1), [input]);
    assert.deepEqual(opened, []);
  });
});

const SORTED: Plan = {
  ...{ seed: 3, records: 3000, stepMs: 100, longest: 5, from: 0, length: 1, torn: false },
};

/** A log with a record in twenty that is none; late ones are at most as late as they may be. */
function logOf({ seed, records, stepMs, longest, torn }: Plan): string {
  const random = seededRandom(seed);
  const disorderMs = seed % 3 === 0 || stepMs === 0 ? 0 : DISORDER_MS;
  const held = Array.from({ length: records }, (_, i) => {
    const time = START + i * stepMs;
    const late = random() < 0.1 ? disorderMs : Math.floor(random() * disorderMs);
    return {
      time,
      arrival: time + late,
      source: nameOf(random, longest),
      target: nameOf(random, 5),
    };
  });
  held.sort((a, b) => a.arrival - b.arrival);
  const lines = held.map(({ time, source, target }) =>
    random() < 0.05 ? `${time} junk\n` : `${time} ${source} ${target}\n`,
  );
  if (torn) lines.splice(Math.floor(random() * lines.length), 0, `${TORN} a b\n`);
  return lines.join('');
}

/** Long ones are rare, else a log would have few lines. */
function nameOf(random: () => number, longest: number): string {
  const length = random() < 0.02 ? Math.ceil(random() * longest) : Math.min(longest, 5);
  return String.fromCharCode(97 + Math.floor(random() * 26)).repeat(length);
}

function rangeOf({ from, length, records, stepMs }: Plan) {
  const span = records * stepMs;
  const start = START + Math.floor(from * span);
  return { from: String(start), to: String(start + Math.ceil(length * span)) };
}

function shown(
  files: readonly string[],
  request: Partial<TopRequest>,
  options = {},
): Promise<ShownReport> {
  const limits = { maxDisorder: `${DISORDER_MS / 1000}s` };
  return shownReport(openTop({ ...limits, ...request, files }), options);
}

function linesOf(log: string): string[] {
  return log.split(/(?<=\n)/);
}

function bytesOfLines(log: string, count: number): number {
  return linesOf(log)
    .slice(0, count)
    .reduce((sum, line) => sum + line.length, 0);
}

/** A log in memory whose lines are times; one with a `!` is none. */
function fakes(bytes: Buffer): { job: Job; input: Input; opened: number[] } {
  const opened: number[] = [];
  const memory = {
    summary: '',
    inputs: async () => [],
    open(_: Input, from: number) {
      opened.push(from);
      let at = from;
      return {
        read(into: Uint8Array) {
          const count = bytes.copy(into, 0, at);
          at += count;
          return count;
        },
        consumedBytes: 0,
        close() {},
      };
    },
  };
  const input: Input = {
    name: 'log',
    source: 'memory',
    sizeBytes: bytes.length,
    encoding: 'plain',
    splittable: true,
    replayable: true,
  };
  const job = { sources: { memory }, decoder: timeDecoder, sequential: false } as Partial<Job>;
  return { job: job as Job, input, opened };
}

const timeDecoder: Decoder = {
  decode(chunk, from, to, batch, reject) {
    let at = from;
    for (; at < to && batch.length < EventBatch.CAPACITY; chunk.line++) {
      const end = chunk.bytes.indexOf(0x0a, at);
      const text = Buffer.from(chunk.bytes.subarray(at, end)).toString();
      if (text === '!') reject('wrong', chunk.bytes, at, end);
      else batch.time[batch.length++] = Number(text);
      at = end + 1;
    }
    return at;
  },
};
