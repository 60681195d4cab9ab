import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  type Chunk,
  type Decoder,
  type DecoderKind,
  READABLE_BEYOND,
} from '../../src/core/decoder.ts';
import { Dictionary } from '../../src/core/dictionary.ts';
import { EventBatch, START } from '../../src/core/event-batch.ts';
import type { RejectRecord } from '../../src/core/rejects.ts';

/** All that a decoder made of some bytes, as plain data. */
export interface Decoded {
  readonly events: {
    time: number;
    name: string;
    /** What the decoder wrote of these, nothing else. */
    start?: boolean;
    object?: string;
    line: number;
    position: number;
  }[];
  readonly rejects: { reason: string; line: number; offset: number }[];
  readonly lines: number;
  readonly blank: number;
  /** Records that were left out, where that was allowed. */
  readonly others?: number;
}

/** How bytes are handed to a decoder. */
export interface Handing {
  /** Lines at a time. */
  readonly lines?: number;
  /** Events that a batch has room for. */
  readonly room?: number;
  /** What stands behind the lines in the buffer. */
  readonly behind?: Uint8Array;
  /** Whether records of others may be left out: then places are not told. */
  readonly leaveOut?: boolean;
}

/** What the suite needs to know of a kind of decoder. */
export interface SuiteOptions<Options> {
  readonly options: Options;
  /** Lines that are records, without their end. */
  readonly records: fc.Arbitrary<string>;
  /** Lines that are none, by reason. */
  readonly wrong: Readonly<Record<string, string>>;
}

const batch = new EventBatch();
/** What stands in columns that the decoder does not write. */
const NO_KIND = 0xff;
const NO_NAME = 0xffff_ffff;
const NEWLINE = 0x0a;
const CAPACITY = EventBatch.CAPACITY;

/** Decodes bytes as the pipeline does: whole lines, the last one ended. */
export function decodeAll(decoder: Decoder, input: Uint8Array, handing: Handing = {}): Decoded {
  const { lines = Number.POSITIVE_INFINITY, room = CAPACITY, behind, leaveOut = false } = handing;
  const events: Decoded['events'] = [];
  const rejects: Decoded['rejects'] = [];
  let chunk: Chunk = {
    bytes: new Uint8Array(0),
    end: 0,
    ended: true,
    offset: 0,
    line: 1,
    blank: 0,
  };
  const reject: RejectRecord = (reason, bytes, from, to) => {
    assert.equal(bytes, chunk.bytes);
    assert.equal(bytes.indexOf(NEWLINE, from) - to, bytes[to] === NEWLINE ? 0 : 1); // or a CR
    rejects.push({ reason, line: chunk.line, offset: chunk.offset + from });
  };
  batch.names = new Dictionary();
  batch.needsAll = !leaveOut;
  batch.others = 0;
  batch.kind.fill(NO_KIND);
  batch.object.fill(NO_NAME);
  for (const [from, to] of piecesOf(ended(input), lines)) {
    // No byte more than a decoder may read, so that a longer arm would fall off the end.
    const bytes = new Uint8Array(to - from + READABLE_BEYOND);
    bytes.set(ended(input).subarray(from, to));
    if (behind) bytes.set(behind.subarray(0, READABLE_BEYOND), to - from);
    chunk = { ...chunk, bytes, end: to - from, offset: from };
    for (let at = 0; at < to - from; ) {
      batch.length = CAPACITY - room;
      const next = decoder.decode(chunk, at, to - from, batch, reject);
      assert.ok(next > at && next <= to - from, 'a decoder goes on, and not too far');
      assert.ok(next === to - from || batch.length === CAPACITY, 'a decoder stops when full only');
      at = next;
      for (let i = CAPACITY - room; i < batch.length; i++) events.push(eventAt(i));
    }
  }
  const { others } = batch;
  return {
    events,
    rejects,
    lines: chunk.line - 1,
    blank: chunk.blank,
    ...(leaveOut && { others }),
  };
}

/** What every decoder keeps to, so that the pipeline may hand it bytes as they come. */
export function decoderSuite<Options>(
  kind: DecoderKind<Options>,
  { options, records, wrong }: SuiteOptions<Options>,
): void {
  const decoded = (input: Uint8Array, handing?: Handing) =>
    decodeAll(kind.open(options), input, handing);
  const line = fc.oneof(
    { arbitrary: records, weight: 6 },
    { arbitrary: fc.constantFrom('', ...Object.values(wrong)), weight: 1 },
  );
  const logs = fc.array(line, { maxLength: 12 }).map((lines) => Buffer.from(lines.join('\n')));
  const anything = fc.oneof(fc.uint8Array({ maxLength: 200 }), damaged(logs));

  test('reads the same however many lines come at a time', () => {
    fc.assert(
      fc.property(anything, fc.integer({ min: 1, max: 4 }), (log, lines) => {
        assert.deepEqual(decoded(log, { lines }), decoded(log));
      }),
    );
  });

  test('stops when the batch is full, and goes on there', () => {
    fc.assert(
      fc.property(anything, fc.integer({ min: 1, max: 4 }), (log, room) => {
        assert.deepEqual(decoded(log, { room }), decoded(log));
      }),
    );
  });

  test('does not mind what stands behind the lines', () => {
    fc.assert(
      fc.property(logs, logs, fc.uint8Array({ maxLength: 16 }), (log, other, bytes) => {
        assert.deepEqual(decoded(log, { behind: other }), decoded(log));
        assert.deepEqual(decoded(log, { behind: bytes }), decoded(log));
      }),
    );
  });

  test('reads, rejects or skips as blank every line of any bytes', () => {
    fc.assert(
      fc.property(anything, (log) => {
        const { events, rejects, lines, blank } = decoded(log);
        assert.equal(events.length + rejects.length + blank, lines);
        assert.equal(lines, ended(log).filter((byte) => byte === NEWLINE).length);
      }),
      { numRuns: 300 },
    );
  });

  test('says of each record and each reject where it stands', () => {
    const reasons = new Map(Object.entries(wrong).map(([reason, text]) => [text, reason]));
    fc.assert(
      fc.property(fc.array(line, { maxLength: 12 }), (lines) => {
        let offset = 0;
        const places = lines.map((text, i) => {
          const place = { reason: reasons.get(text), text, line: i + 1, offset };
          offset += Buffer.byteLength(text) + 1;
          return place;
        });
        const { events, rejects } = decoded(Buffer.from(`${lines.join('\n')}\n`));
        assert.deepEqual(
          events.map((event) => ({ line: event.line, offset: event.position })),
          places
            .filter(({ reason, text }) => reason === undefined && text !== '')
            .map((place) => ({ line: place.line, offset: place.offset })),
        );
        assert.deepEqual(
          rejects,
          places
            .filter(({ reason }) => reason !== undefined)
            .map((place) => ({ reason: place.reason, line: place.line, offset: place.offset })),
        );
      }),
    );
  });
}

/** Something that is put into a log where it does not belong. */
const STRAYS = [
  ...['\0', '\r', '\t', ' ', '\n', '\v', '\f', '\r\n', '"', ':', '0', '9', 'A', 'S', 'E', '/', '{'],
  ...['\u00a0', '\u0663', '\uff13', '\ufeff', '\u2028', '\u{1d7d7}', '\ufffd'],
].map((text) => Buffer.from(text));

/** Logs with bits flipped, bytes put in, taken out and cut off. */
export function damaged(logs: fc.Arbitrary<Uint8Array>): fc.Arbitrary<Uint8Array> {
  const damage = fc.tuple(fc.nat(7), fc.nat(), fc.nat());
  return fc.tuple(logs, fc.array(damage, { minLength: 1, maxLength: 3 })).map(([log, damages]) => {
    let bytes = Buffer.from(log);
    for (const [how, where, what] of damages) {
      const at = where % (bytes.length + 1);
      const [front, rest] = [bytes.subarray(0, at), bytes.subarray(at)];
      if (how < 2 && rest.length > 0) rest[0]! ^= 1 << (what % 8);
      else if (how < 5) bytes = Buffer.concat([front, STRAYS[what % STRAYS.length]!, rest]);
      else if (how < 6) bytes = Buffer.concat([front, rest.subarray(what % 9)]);
      else if (how < 7) bytes = Buffer.concat([front, Buffer.from([what % 256]), rest.subarray(1)]);
      else bytes = Buffer.from(front);
    }
    return bytes;
  });
}

function eventAt(i: number): Decoded['events'][number] {
  const [kind, object] = [batch.kind[i]!, batch.object[i]!];
  return {
    time: batch.time[i]!,
    name: batch.names.nameOf(batch.subject[i]!),
    ...(kind !== NO_KIND && { start: kind === START }),
    ...(object !== NO_NAME && { object: batch.names.nameOf(object) }),
    line: batch.line[i]!,
    position: batch.position[i]!,
  };
}

function ended(input: Uint8Array): Uint8Array {
  if (input.length === 0 || input.at(-1) === NEWLINE) return input;
  return Buffer.concat([input, Buffer.of(NEWLINE)]);
}

/** Where pieces of so many lines begin and end. */
function* piecesOf(bytes: Uint8Array, lines: number): Generator<[from: number, to: number]> {
  for (let from = 0; from < bytes.length; ) {
    let to = from;
    for (let i = 0; i < lines && to < bytes.length; i++) to = bytes.indexOf(NEWLINE, to) + 1;
    yield [from, to];
    from = to;
  }
}
