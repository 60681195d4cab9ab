import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { DaybookError } from '../../../src/core/errors.ts';
import { EventBatch } from '../../../src/core/event-batch.ts';
import type { InputMark } from '../../../src/core/live-source.ts';
import type { Reject } from '../../../src/core/rejects.ts';
import { Watermark } from '../../../src/core/watermark.ts';
import { type CsvOptions, csv } from '../../../src/decoders/csv.ts';
import type { Pass } from '../../../src/pipeline/batch/lane.ts';
import { type ScanOptions, scan } from '../../../src/pipeline/batch/scan.ts';
import {
  LiveReader,
  type LiveTally,
  type SavedReader,
} from '../../../src/pipeline/follow/live-reader.ts';
import { BUFFER_BYTES } from '../../../src/pipeline/read/record-buffer.ts';
import { sources } from '../../../src/sources/index.ts';
import { filesOf } from '../../support/bill.ts';
import { csvJob } from '../../support/csv-job.ts';
import { decodeCsv, eventAt } from '../../support/decode-csv.ts';
import { FakeInput } from '../../support/fake-live.ts';
import type { CsvEvent } from '../../support/reference-csv.ts';

const OPTIONS: CsvOptions = {
  columns: { subject: 'who', time: 'at' },
  header: 'auto',
  timeUnit: 'ms',
};
const HEADER = 'at,note,who\n';
const PASS: Pass = { aggregate: true, runs: 'none', places: false, fields: [], rejects: false };

/** Rows of which some have a note of several lines; with `stray`, one has a quote too many. */
function rowsOf(rows: number, stray = Number.NaN): string {
  return Array.from({ length: rows }, (_, i) => {
    const note = i % 7 === 3 ? `"${'one\n1,two,A\n"",x'.repeat(i % 11)}"` : `n${i}`;
    return i === stray ? `${i},"n,A\n` : `${i},${note},customer_${i % 13}\r\n`;
  }).join('');
}

describe('scan of records that span lines', () => {
  async function scanned(
    paths: readonly string[],
    options: Partial<ScanOptions> = {},
    columns: CsvOptions = OPTIONS,
  ) {
    const rejects: Reject[] = [];
    const inputs = await sources.file.inputs(paths);
    const sink = async (found: readonly Reject[]) => void rejects.push(...found);
    const own = options.rejects ? { ...options, rejects: sink } : options;
    const pass = { ...PASS, rejects: options.rejects !== undefined };
    const { state, read, rejected } = await scan(csvJob(columns), inputs, pass, {
      threads: 1,
      ...own,
    });
    const counts = [...(state as Map<string, number>)].sort();
    return { found: { counts, read, rejected }, rejects };
  }

  test('gives the same however files are cut, and for any number of threads', async () => {
    using files = filesOf({
      'quoted.csv': HEADER + rowsOf(4000),
      'plain.csv': `who,at\n${'B,1\n'.repeat(9000)}`,
      'stray.csv': `\ufeff${HEADER}${rowsOf(1000, 500)}`,
      'short.csv': HEADER,
    });
    const { found } = await scanned(files.paths);
    assert.equal(found.read, 4000 + 9000 + 1000);
    assert.deepEqual(found.rejected, { quote: 1 });
    const { found: written, rejects } = await scanned(files.paths, {
      rejects: async () => {},
      threads: 2,
      segmentBytes: 5000,
    });
    assert.deepEqual(written, found);
    assert.deepEqual(
      rejects.map(({ input, reason, text }) => [input, reason, text]),
      [[files.paths[2], 'quote', '500,"n,A']],
    );
    for (const options of [
      { threads: 1, segmentBytes: 777 },
      { threads: 2, segmentBytes: 20_011 },
      { threads: 3, segmentBytes: 4096 },
    ])
      assert.deepEqual((await scanned(files.paths, options)).found, found);
  });

  test('names the input in which a column is missing', async () => {
    using files = filesOf({ 'a.csv': HEADER + rowsOf(10), 'b.csv': `when,who\n${rowsOf(900)}` });
    for (const options of [{}, { threads: 2, segmentBytes: 5000 }])
      await assert.rejects(scanned(files.paths, options), (error) => {
        assert.ok(error instanceof DaybookError && error.code === 'USAGE');
        assert.ok(error.message.startsWith(`${files.paths[1]}: there is no column "at"`));
        return true;
      });
  });
});

describe('LiveReader of records that span lines', () => {
  const bytes = new Uint8Array(BUFFER_BYTES);
  const watermark = new Watermark(0, Number.POSITIVE_INFINITY);
  /** Each may be empty: so often in a row there may be nothing to read. */
  const MOST_PIECES = 40;

  interface Reading {
    readonly events: CsvEvent[];
    readonly tally: LiveTally;
  }

  /** Reads an input up to where there is nothing. */
  async function readOn(
    input: FakeInput,
    { events, tally }: Reading,
    { steps = Number.POSITIVE_INFINITY, saved }: { steps?: number; saved?: SavedReader } = {},
  ): Promise<{ mark: InputMark; saved: SavedReader }> {
    const room = { bytes, batch: new EventBatch(), tally, owner: undefined };
    const state = { watermark, now: 0, head: saved?.head };
    const reader = new LiveReader(input, csv.open(OPTIONS), room, state);
    await reader.look(new Watermark(0, Number.POSITIVE_INFINITY));
    let idle = 0;
    for (let step = 0; step < steps && idle <= MOST_PIECES; step++) {
      const any = await reader.read((batch) => {
        for (let i = 0; i < batch.length; i++) {
          const { subject, time } = eventAt(batch, i, OPTIONS);
          events.push({ subject, time, line: 0, position: 0 });
        }
      });
      idle = any ? 0 : idle + 1;
    }
    return { mark: input.mark(), saved: JSON.parse(JSON.stringify(reader.save())) };
  }

  function newReading(): Reading {
    return {
      events: [],
      tally: { read: 0, rejected: new Map(), rejects: [], keepRejects: true },
    };
  }

  async function expected(log: Buffer) {
    const { events, rejects, lines, blank } = await decodeCsv(log, OPTIONS);
    const unplaced = events.map(({ subject, time }) => ({ subject, time, line: 0, position: 0 }));
    return { events: unplaced, rejects: rejects.length, read: lines - blank };
  }

  const shown = ({ events, tally }: Reading) => ({
    events,
    rejects: tally.rejects.length,
    read: tally.read,
  });

  test('reads them in whatever pieces they come, and goes on after any step', async () => {
    const logs = fc
      .tuple(fc.integer({ min: 1, max: 30 }), fc.nat(40))
      .map(([rows, stray]) => Buffer.from(HEADER + rowsOf(rows, stray)));
    const chunks = fc.array(fc.integer({ min: 0, max: 60 }), { maxLength: MOST_PIECES });
    await fc.assert(
      fc.asyncProperty(logs, chunks, fc.nat(30), async (log, pieces, steps) => {
        const whole = await expected(log);
        const input = new FakeInput('a.csv', 0, log, { chunks: pieces });
        input.finish();
        const reading = newReading();
        const { mark, saved } = await readOn(input, reading, { steps });
        const resumed = input.resumed(mark, pieces);
        if (mark.position === 0 || saved.head === undefined) await readOn(resumed, reading);
        else await readOn(resumed, reading, { saved });
        assert.deepEqual(shown(reading), whole);
      }),
      { numRuns: 300 },
    );
  });

  test('waits for the rest of one, and reads what came in between when it is lost', async () => {
    const log = Buffer.from(`${HEADER}1,n,A\n2,"n,B\n3,n,C\n4,n`);
    const input = new FakeInput('a.csv', 0, log);
    const reading = newReading();
    await readOn(input, reading);
    assert.deepEqual(
      reading.events.map(({ subject }) => subject),
      ['A'],
    );
    const cut = new FakeInput('a.csv', 0, log);
    cut.finish('cut');
    const lost = newReading();
    await readOn(cut, lost);
    assert.deepEqual(
      lost.events.map(({ subject }) => subject),
      ['A', 'C'],
    );
    assert.deepEqual(
      lost.tally.rejects.map(({ reason, text, line }) => [reason, text, line]),
      [
        ['quote', '2,"n,B', 3],
        ['truncated', '4,n', 5],
      ],
    );
    assert.equal(lost.tally.read, 4);
  });

  test('reads the header again where it begins in the middle and was never here', async () => {
    const log = Buffer.from(`${HEADER}1,n,A\n2,n,B\n`);
    const mark = { name: 'a.csv', rank: 0, identity: '', digest: '', ended: false };
    const position = HEADER.length + 6;
    const input = new FakeInput('a.csv', 0, log, { mark: { ...mark, position, lines: 2 } });
    const reading = newReading();
    await readOn(input, reading);
    assert.deepEqual(
      reading.events.map(({ subject }) => subject),
      ['B'],
    );
  });
});
