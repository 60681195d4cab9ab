import type { Chunk, DecoderKind } from '../core/decoder.ts';
import { EventBatch } from '../core/event-batch.ts';
import { KnownNames } from './known-names.ts';
import { lineDecoder } from './line-decoder.ts';
import { secondOfDay } from './second-of-day.ts';
import { SessionClock, type SessionClockOptions } from './session-clock.ts';
import { SessionLine } from './session-line.ts';
import { SessionScan } from './session-scan.ts';

const BLANK = 0x20;
// Four bytes as little-endian words.
const BLANKS = 0x20202020;
const STAR = 0x72617453;
const ART_LF = 0x0a747261;
const END_LF = 0x0a646e45;

/** What a session log leaves open. */
export interface SessionLogOptions extends SessionClockOptions {
  /** What to do with a record of more than three fields. */
  readonly extraFields: 'reject' | 'ignore';
}

/** `HH:MM:SS NAME Start|End`, one record a line. Anything else is a reject with its reason. */
export const sessionLog: DecoderKind<SessionLogOptions> = {
  summary: 'Session starts and ends, one a line: HH:MM:SS NAME Start|End.',
  sequential: ({ spansMidnight }) => spansMidnight,
  open: ({ extraFields, ...clock }) => {
    const line = new SessionLine(new SessionClock(clock), extraFields === 'ignore');
    const known = new KnownNames();
    const decoder = lineDecoder({
      openScan: (bytes) => new SessionScan(bytes, line.clock),
      readUsual: (chunk, view, from, to, batch) =>
        decodeUsual(chunk, view, from, to, batch, line, known),
      known,
      line,
    });
    return {
      ...decoder,
      save: () => line.clock.save(),
      load: (saved) => {
        line.clock.load(saved);
        line.previous = undefined; // It stands for an instant of another day.
      },
    };
  },
};

/**
 * Decodes records of the usual form, the time in eight bytes, single blanks, a plain line end, until
 * it meets another: then `SessionLine` reads that one.
 *
 * A name is not checked here: one that is known was checked when it was new. Bytes are compared four at
 * a time.
 */
function decodeUsual(
  chunk: Chunk,
  view: DataView,
  from: number,
  to: number,
  batch: EventBatch,
  line: SessionLine,
  known: KnownNames,
): number {
  const { places, time, subject, kind, position, line: lines } = batch;
  const { bytes, offset } = chunk;
  if (line.previous === undefined) return from;
  let { hourWord, secondWord, instant } = line.previous;
  let { length } = batch;
  let lineNumber = chunk.line;
  let at = from;
  while (at < to && length < EventBatch.CAPACITY) {
    const hour = view.getInt32(at, true);
    const second = view.getInt32(at + 4, true);
    // Records of one second follow each other, so most have the time of the one before.
    const sameTime = hour === hourWord && second === secondWord;
    const clockTime = sameTime ? 0 : secondOfDay(hour, second);
    if (clockTime < 0) break;
    if (bytes[at + 8] !== BLANK) break;
    const id = known.find(view, at + 9, to, BLANKS);
    if (id < 0) break;
    const { end } = known;
    // Which of the two markers it is cannot be predicted, so it is reckoned instead of branched on.
    const start = (view.getUint8(end + 1) >>> 1) & 1; // 'S' has this bit, 'E' has not
    const next = end + 5 + 2 * start;
    const head = END_LF + Math.imul(start, STAR - END_LF);
    const tail = END_LF + Math.imul(start, ART_LF - END_LF);
    if (((view.getInt32(end + 1, true) ^ head) | (view.getInt32(next - 4, true) ^ tail)) !== 0)
      break;
    if (!sameTime) {
      instant = line.clock.instantAt(clockTime);
      hourWord = hour;
      secondWord = second;
    }
    time[length] = instant;
    subject[length] = id;
    kind[length] = start;
    if (places) {
      position[length] = offset + at;
      lines[length] = lineNumber;
    }
    lineNumber++;
    length++;
    at = next;
  }
  batch.length = length;
  chunk.line = lineNumber;
  line.previous = { hourWord, secondWord, instant };
  return at;
}
