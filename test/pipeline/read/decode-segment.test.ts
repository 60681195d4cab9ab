import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  type Decoder,
  MAX_RECORD_BYTES,
  READABLE_BEYOND,
  TOO_LONG,
} from '../../../src/core/decoder.ts';
import { Dictionary } from '../../../src/core/dictionary.ts';
import { DaybookError } from '../../../src/core/errors.ts';
import { EventBatch } from '../../../src/core/event-batch.ts';
import type { SegmentReject } from '../../../src/core/rejects.ts';
import type { ByteReader, Input } from '../../../src/core/source.ts';
import {
  type DecodeOptions,
  decodeSegment,
  SegmentTally,
  startOf,
} from '../../../src/pipeline/read/decode-segment.ts';
import { BUFFER_BYTES } from '../../../src/pipeline/read/record-buffer.ts';

const INPUT: Input = {
  name: 'app.log',
  source: 'fake',
  encoding: 'plain',
  splittable: true,
  replayable: true,
};
const NEWLINE = 0x0a;
const BYTE_ORDER_MARK = '\ufeff';

interface Found {
  readonly events: { name: string; position: number; line: number; input: number }[];
  readonly rejects: SegmentReject[];
  readonly rejected: [string, number][];
  readonly lines: number;
  readonly blank: number;
}

describe('decodeSegment', () => {
  test('reads each record once, wherever a log is cut in two', async () => {
    const logs = [
      'a\nbb\nccc\n',
      'a\n\n\nbb\n!no\n\nccc',
      `${BYTE_ORDER_MARK}a\nbb\n`,
      `${BYTE_ORDER_MARK}!no\r\nbb\r\n\r\nccc\r\n`,
      `${BYTE_ORDER_MARK}`,
      `${BYTE_ORDER_MARK}\n${BYTE_ORDER_MARK}a\n`,
      '\n',
      '\n\n\n',
      'a',
      'a long line without an end',
      '\r\n!\r\n!!\r\na\r',
    ];
    for (const log of logs) {
      const bytes = Buffer.from(log);
      for (const pieceBytes of [1, 2, 3, 7, 1000]) {
        const whole = await found(bytes, [], { pieceBytes });
        for (let cut = 0; cut <= bytes.length; cut++) {
          const message = `${JSON.stringify(log)} cut at ${cut}, read ${pieceBytes} at a time`;
          assert.deepEqual(await found(bytes, [cut], { pieceBytes }), whole, message);
          assert.deepEqual(
            await found(bytes, [cut], { pieceBytes, stretch: true }),
            whole,
            message,
          );
        }
      }
    }
  });

  test('reads each record once, however often a log is cut', async () => {
    const line = fc.constantFrom('', 'a', 'bb', '!', '!no', 'ccc ccc', '\r', `${BYTE_ORDER_MARK}a`);
    const logs = fc
      .tuple(fc.array(line, { maxLength: 12 }), fc.constantFrom('', '\n', '\r\n'))
      .map(([lines, end]) => Buffer.from(lines.join('\n') + end));
    const cuts = fc.array(fc.nat(40), { maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(
        logs,
        cuts,
        fc.integer({ min: 1, max: 9 }),
        async (log, places, pieceBytes) => {
          const within = places.filter((place) => place < log.length).sort((a, b) => a - b);
          const whole = await found(log, [], { pieceBytes: 1000 });
          assert.deepEqual(await found(log, within, { pieceBytes }), whole);
        },
      ),
      { numRuns: 300 },
    );
  });

  test('says where records and rejects stand, and keeps count of lines', async () => {
    const log = Buffer.from(`${BYTE_ORDER_MARK}a\r\n\r\n!no\r\nbb`);
    assert.deepEqual(await found(log, []), {
      events: [
        { name: 'a', position: 3, line: 1, input: 2 },
        { name: 'bb', position: 13, line: 4, input: 2 },
      ],
      rejects: [{ reason: 'wrong', line: 3, offset: 8, text: '!no' }],
      rejected: [['wrong', 1]],
      lines: 4,
      blank: 1,
    });
  });

  test('takes a byte order mark for one only where the input begins', async () => {
    const log = Buffer.from(`${BYTE_ORDER_MARK}${BYTE_ORDER_MARK}a\n${BYTE_ORDER_MARK}bb\n`);
    const { events } = await found(log, []);
    assert.deepEqual(
      events.map(({ name, position }) => [name.replaceAll(BYTE_ORDER_MARK, '*'), position]),
      [
        ['*a', 3],
        ['*bb', 8],
      ].map(([name, position]) => [name, position]),
    );
  });

  test('finds nothing in an empty input, and in a byte order mark, whole or not', async () => {
    const nothing = { events: [], rejects: [], rejected: [], lines: 0, blank: 0 };
    for (const bytes of [[], [0xef], [0xef, 0xbb], [0xef, 0xbb, 0xbf]]) {
      assert.deepEqual(await found(Buffer.from(bytes), []), nothing);
    }
  });

  describe('with lines about as long as they may be', () => {
    const longest = 'x'.repeat(MAX_RECORD_BYTES);
    const lengths: Record<string, [line: string, accepted: boolean]> = {
      'one of 1 MiB': [longest, true],
      'one of 1 MiB and CR LF': [`${longest}\r`, true],
      'one byte over 1 MiB': [`${longest}x`, false],
      'one byte over 1 MiB and CR LF': [`${longest}x\r`, false],
      'two bytes over 1 MiB': [`${longest}xx`, false],
      'one of 3 MiB': [longest.repeat(3), false],
    };
    for (const [title, [long, accepted]] of Object.entries(lengths)) {
      test(`reads or rejects ${title}, at its place, wherever it is cut`, async () => {
        for (const end of ['\nbb\n', '']) {
          const log = Buffer.from(`a\n${long}${end}`);
          const whole = await found(log, []);
          assert.deepEqual(
            whole.events.map(({ name, position, line }) => [name.length, position, line]),
            [
              [1, 0, 1],
              ...(accepted ? [[MAX_RECORD_BYTES, 2, 2]] : []),
              ...(end === '' ? [] : [[2, log.length - 3, 3]]),
            ],
          );
          assert.deepEqual(
            whole.rejects.map(({ reason, line, offset, text }) => [reason, line, offset, text]),
            accepted ? [] : [[TOO_LONG, 2, 2, 'x'.repeat(1024)]],
          );
          assert.equal(whole.lines, end === '' ? 2 : 3);
          const size = log.length;
          for (const cut of [1, 2, 3, 300_000, size / 2, size - 5, size - 3, size - 1].map(
            Math.floor,
          )) {
            assert.deepEqual(await found(log, [cut]), whole, `cut at ${cut}`);
          }
        }
      });
    }

    test('does not count a byte order mark in front', async () => {
      for (const firstBytes of [1, 2, 3, 4, MAX_RECORD_BYTES]) {
        const accepted = Buffer.from(`${BYTE_ORDER_MARK}${longest}\nbb\n`);
        const { events } = await found(accepted, [], { firstBytes });
        assert.deepEqual(
          events.map(({ name, position }) => [name.length, position]),
          [
            [MAX_RECORD_BYTES, 3],
            [2, MAX_RECORD_BYTES + 4],
          ],
        );
        const rejected = Buffer.from(`${BYTE_ORDER_MARK}${longest}x\nbb\n`);
        const { rejects } = await found(rejected, [], { firstBytes });
        assert.deepEqual(rejects, [
          { reason: TOO_LONG, line: 1, offset: 3, text: 'x'.repeat(1024) },
        ]);
      }
    });

    test('rejects a file of NULs as one line', async () => {
      const { rejected, lines, events } = await found(
        Buffer.alloc(3 * MAX_RECORD_BYTES),
        [1_500_000],
      );
      assert.deepEqual([rejected, lines, events], [[[TOO_LONG, 1]], 1, []]);
    });
  });

  test('leaves decoders as many bytes behind the last line as they may read', async () => {
    // The longest stretch that may yet become a line, and then a whole read that ends at a line end.
    const log = Buffer.from(`${'x'.repeat(MAX_RECORD_BYTES)}\r\n\n${'y\n'.repeat(1 << 17)}`);
    let least = Number.POSITIVE_INFINITY;
    const measuring: Decoder = {
      decode(chunk, from, to, batch, reject) {
        least = Math.min(least, chunk.bytes.length - to);
        return lineDecoder.decode(chunk, from, to, batch, reject);
      },
    };
    await found(log, [], { decoder: measuring, firstBytes: 1 });
    assert.ok(least >= READABLE_BEYOND, `only ${least} bytes`);
  });

  test('hands over full batches, and what is left', async () => {
    const count = 2 * EventBatch.CAPACITY + 5;
    const log = Buffer.from('a\n'.repeat(count));
    const lengths: number[] = [];
    const reader = readerOf(log, 0, 1000);
    for await (const batch of decodeSegment(segment(0, log.length), reader, options({}))) {
      lengths.push(batch.length);
    }
    assert.deepEqual(lengths, [EventBatch.CAPACITY, EventBatch.CAPACITY, 5]);
  });

  test('counts rejects without keeping them, unless it is to', async () => {
    const log = Buffer.from('!1\na\n!2\n');
    const tally = new SegmentTally();
    const all = options({ tally, keepRejects: false });
    for await (const _ of decodeSegment(segment(0, log.length), readerOf(log, 0, 10), all));
    assert.deepEqual([[...tally.rejected], tally.rejects], [[['wrong', 2]], []]);
  });

  test('keeps the beginning of a reject as text, whatever bytes it has', async () => {
    const lines = [`!${'é'.repeat(1000)}`, '!\u{1f600}\0', `!${BYTE_ORDER_MARK}`].map((text) =>
      Buffer.from(text),
    );
    const log = Buffer.concat(
      [...lines, Buffer.of(0x21, 0xff, 0xc0)].flatMap((l) => [l, Buffer.from('\n')]),
    );
    const { rejects } = await found(log, []);
    assert.deepEqual(
      rejects.map(({ text }) => text),
      [`!${'é'.repeat(511)}\ufffd`, '!\u{1f600}\0', `!${BYTE_ORDER_MARK}`, '!\ufffd\ufffd'],
    );
  });

  test('keeps a byte order mark that a rejected line begins with, so that it is seen', async () => {
    const log = Buffer.from(`a\n${BYTE_ORDER_MARK}!\n`);
    const rejecting: Decoder = {
      decode: (chunk, from, _to, batch, reject) => {
        if (chunk.bytes[from] !== 0xef)
          return lineDecoder.decode(chunk, from, from + 2, batch, reject);
        reject('wrong', chunk.bytes, from, from + 4);
        chunk.line++;
        return from + 5;
      },
    };
    const { rejects } = await found(log, [], { decoder: rejecting });
    assert.deepEqual(
      rejects.map(({ text }) => text),
      [`${BYTE_ORDER_MARK}!`],
    );
  });

  test('stops when it is interrupted', async () => {
    const log = Buffer.from('a\nbb\n');
    const interruption = new AbortController();
    let reads = 0;
    const steps = decodeSegment(
      segment(0, log.length),
      readerOf(log, 0, 2),
      options({
        signal: interruption.signal,
        onRead: () => {
          reads++;
          interruption.abort();
        },
      }),
    );
    await assert.rejects(Array.fromAsync(steps), (error) => {
      return error instanceof DaybookError && error.code === 'INTERRUPTED';
    });
    assert.equal(reads, 1);
  });

  test('reads no more of an input than its segment needs', async () => {
    const log = Buffer.from('a\n'.repeat(1000));
    const reader = readerOf(log, 0, 10);
    await Array.fromAsync(decodeSegment(segment(0, 100), reader, options({})));
    assert.ok(reader.consumedBytes <= 120, `${reader.consumedBytes} bytes`);
  });
});

const buffer = new Uint8Array(BUFFER_BYTES);
const stale = Buffer.from(buffer.buffer, 0, 4096);
const batch = new EventBatch();

/** A line is a name; one with a `!` in front is wrong. */
const lineDecoder: Decoder = {
  decode(chunk, from, to, events, reject) {
    const { bytes } = chunk;
    let at = from;
    for (; at < to && events.length < EventBatch.CAPACITY; chunk.line++) {
      const next = bytes.indexOf(NEWLINE, at) + 1;
      const end = next - (bytes[next - 2] === 0x0d && next - 2 >= at ? 2 : 1);
      if (end === at) chunk.blank++;
      else if (end - at > MAX_RECORD_BYTES) reject(TOO_LONG, bytes, at, end);
      else if (bytes[at] === 0x21) reject('wrong', bytes, at, end);
      else {
        events.subject[events.length] = events.names.add(bytes, at, end);
        events.line[events.length] = chunk.line;
        events.position[events.length++] = chunk.offset + at;
      }
      at = next;
    }
    return at;
  },
};

interface FindOptions {
  /** Whether one lane reads all segments, and keeps one tally, instead of one each. */
  readonly stretch?: boolean;
  readonly pieceBytes?: number;
  /** Bytes of the first read. */
  readonly firstBytes?: number;
  readonly decoder?: Decoder;
}

/** What a log holds that is cut at some bytes, lines counted from its start. */
async function found(log: Buffer, cuts: readonly number[], find: FindOptions = {}): Promise<Found> {
  const { pieceBytes = 1 << 20, firstBytes = pieceBytes, decoder = lineDecoder, stretch } = find;
  const events: Found['events'] = [];
  const rejects: SegmentReject[] = [];
  const tallies = [new SegmentTally()];
  const sum = (count: (tally: SegmentTally) => number) =>
    tallies.reduce((total, tally) => total + count(tally), 0);
  stale.fill(`${BYTE_ORDER_MARK}!\n`); // what was in the buffer before is no part of the log
  for (const [i, to] of [...cuts, log.length].entries()) {
    const part = segment(cuts[i - 1] ?? 0, to);
    if (i > 0 && !stretch) tallies.push(new SegmentTally());
    const tally = tallies.at(-1)!;
    const before = sum(({ lines }) => lines) - tally.lines;
    const place = <T extends { line: number }>(one: T) => ({ ...one, line: before + one.line });
    batch.names = new Dictionary();
    const reader = readerOf(log, startOf(part), pieceBytes, firstBytes);
    for await (const { length, names, subject, line, position, input } of decodeSegment(
      part,
      reader,
      options({ tally, decoder }),
    )) {
      for (let j = 0; j < length; j++) {
        const name = Buffer.from(names.bytesOf(subject[j]!)).toString();
        events.push(place({ name, position: position[j]!, line: line[j]!, input: input[j]! }));
      }
      rejects.push(...tally.rejects.splice(0).map(place));
    }
    assert.deepEqual(tally.rejects, []);
  }
  const reasons = new Set(tallies.flatMap(({ rejected }) => [...rejected.keys()]));
  return {
    events,
    rejects,
    rejected: Array.from(reasons, (reason) => [
      reason,
      sum(({ rejected }) => rejected.get(reason) ?? 0),
    ]),
    lines: sum(({ lines }) => lines),
    blank: sum(({ blank }) => blank),
  };
}

function segment(from: number, to: number) {
  return { index: 0, rank: 2, input: INPUT, from, to };
}

function options(part: Partial<DecodeOptions>): DecodeOptions {
  return {
    decoder: lineDecoder,
    buffer,
    batch,
    tally: new SegmentTally(),
    keepRejects: true,
    ...part,
  };
}

/** Reads bytes from one on, in pieces of a size. */
function readerOf(
  bytes: Buffer,
  from: number,
  pieceBytes: number,
  firstBytes = pieceBytes,
): ByteReader {
  let at = from;
  return {
    read(into) {
      const wanted = at === from ? firstBytes : pieceBytes;
      const count = bytes.copy(into, 0, at, Math.min(at + wanted, at + into.length));
      at += count;
      return count;
    },
    get consumedBytes() {
      return at - from;
    },
    close() {},
  };
}
