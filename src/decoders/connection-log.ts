import type { Chunk, DecoderKind } from '../core/decoder.ts';
import { EventBatch } from '../core/event-batch.ts';
import { ConnectionLine, GREATEST } from './connection-line.ts';
import { ConnectionScan, type WantedConnections } from './connection-scan.ts';
import { EPOCH_UNITS, type EpochUnit } from './epoch-unit.ts';
import { isDigit } from './field-line.ts';
import { KnownNames } from './known-names.ts';
import { lineDecoder } from './line-decoder.ts';

const BLANK = 0x20;
// Four bytes as little-endian words.
const ZEROS = 0x30303030;
const SIXES = 0x06060606;
const HIGH_HALVES = 0xf0f0f0f0;
const BLANKS = 0x20202020;
const NEWLINES = 0x0a0a0a0a;

/** Numbers of more are left to `ConnectionLine`, which minds how long a line may be. */
const MOST_DIGITS = 16;

/** What a connection log leaves open. */
export interface ConnectionLogOptions extends WantedConnections {
  /** What its numbers count since the epoch. */
  readonly timeUnit: keyof typeof EPOCH_UNITS;
}

/** `EPOCH SOURCE TARGET`, one connection a line. Anything else is a reject with its reason. */
export const connectionLog: DecoderKind<ConnectionLogOptions> = {
  summary: 'Connections between hosts, one a line: EPOCH SOURCE TARGET.',
  open: ({ timeUnit, ...wanted }) => {
    const unit = EPOCH_UNITS[timeUnit];
    const known = new KnownNames();
    return lineDecoder({
      openScan: (bytes) => new ConnectionScan(bytes, unit, wanted),
      readUsual: (chunk, view, from, to, batch) =>
        decodeUsual(chunk, view, from, to, batch, unit, known),
      known,
      line: new ConnectionLine(unit),
    });
  },
};

/**
 * Decodes records of the usual form, single blanks, a plain line end, known names, until it meets another:
 * then `ConnectionLine` reads that one.
 *
 * A name is not checked here: one that is known was checked when it was new. Bytes are compared four at
 * a time; adding 6 to a digit carries into its high half from 10 on.
 */
function decodeUsual(
  chunk: Chunk,
  view: DataView,
  from: number,
  to: number,
  batch: EventBatch,
  { times, per }: EpochUnit,
  known: KnownNames,
): number {
  const { places, time, subject, object, position, line: lines } = batch;
  const { bytes, offset } = chunk;
  const limit = GREATEST / times;
  let { length } = batch;
  let lineNumber = chunk.line;
  let at = from;
  while (at < to && length < EventBatch.CAPACITY) {
    let end = at;
    let number = 0;
    let digits = view.getInt32(end, true) ^ ZEROS;
    while (((digits | (digits + SIXES)) & HIGH_HALVES) === 0) {
      number = number * 10_000 + fourDigits(digits);
      end += 4;
      digits = view.getInt32(end, true) ^ ZEROS;
    }
    for (; isDigit(bytes[end]!); end++) number = number * 10 + bytes[end]! - 0x30;
    const count = end - at;
    if (bytes[end] !== BLANK || count < 1 || count > MOST_DIGITS || number >= limit) break;
    const source = known.find(view, end + 1, to, BLANKS);
    if (source < 0) break;
    const target = known.find(view, known.end + 1, to, NEWLINES);
    if (target < 0) break;
    time[length] = Math.floor((number * times) / per);
    subject[length] = source;
    object[length] = target;
    if (places) {
      position[length] = offset + at;
      lines[length] = lineNumber;
    }
    lineNumber++;
    length++;
    at = known.end + 1;
  }
  batch.length = length;
  chunk.line = lineNumber;
  return at;
}

/** The number that the digits in four bytes make, the first one in the lowest byte. */
function fourDigits(digits: number): number {
  const pairs = Math.imul(digits, 10) + (digits >>> 8); // in bytes 0 and 2
  return (pairs & 0xff) * 100 + ((pairs >>> 16) & 0xff);
}
