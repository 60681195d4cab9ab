import type { Chunk } from '../core/decoder.ts';
import { END, type EventBatch, START } from '../core/event-batch.ts';
import { FieldLine, isDigit } from './field-line.ts';
import type { Learner } from './learner.ts';
import type { SessionClock } from './session-clock.ts';

const COLON = 0x3a;
const START_MARKER = Buffer.from('Start');
const END_MARKER = Buffer.from('End');

/** The time of a record as the two little-endian words of `HH:MM:SS`, and the instant it stands for. */
export interface PreviousTime {
  readonly hourWord: number;
  readonly secondWord: number;
  readonly instant: number;
}

/** Reads any line of a session log by the book. */
export class SessionLine extends FieldLine {
  readonly clock: SessionClock;
  /** The time of the last valid record. */
  previous: PreviousTime | undefined;
  readonly #ignoreExtra: boolean;

  constructor(clock: SessionClock, ignoreExtra: boolean) {
    super();
    this.clock = clock;
    this.#ignoreExtra = ignoreExtra;
  }

  override teach(learner: Learner, { subject }: EventBatch, event: number): void {
    learner.learn(this.fields[2]!, this.fields[3]!, subject[event]!);
  }

  protected override read(
    chunk: Chunk,
    from: number,
    count: number,
    batch: EventBatch,
  ): string | undefined {
    if (count < 3 || (count > 3 && !this.#ignoreExtra)) return 'field count';
    const { bytes, offset, line } = chunk;
    const { fields } = this;
    const time = fields[0]!;
    const second = fields[1]! - time === 8 ? secondOfDay(bytes, time) : -1;
    if (second < 0) return 'time';
    if (!isName(bytes, fields[2]!, fields[3]!)) return 'name';
    const start = equals(bytes, fields[4]!, fields[5]!, START_MARKER);
    if (!start && !equals(bytes, fields[4]!, fields[5]!, END_MARKER)) return 'marker';
    const instant = this.clock.instantAt(second);
    this.previous = { hourWord: wordAt(bytes, time), secondWord: wordAt(bytes, time + 4), instant };
    const i = batch.length++;
    batch.time[i] = instant;
    batch.subject[i] = batch.names.add(bytes, fields[2]!, fields[3]!);
    batch.kind[i] = start ? START : END;
    batch.position[i] = offset + from;
    batch.line[i] = line;
    return undefined;
  }
}

function isName(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) {
    const byte = bytes[at]!;
    const letter = byte | 0x20;
    if (!isDigit(byte) && !(letter >= 0x61 && letter <= 0x7a)) return false;
  }
  return to > from;
}

function equals(bytes: Uint8Array, from: number, to: number, text: Uint8Array): boolean {
  if (to - from !== text.length) return false;
  for (let i = 0; i < text.length; i++) if (bytes[from + i] !== text[i]) return false;
  return true;
}

function wordAt(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);
}

/** Seconds since midnight of the `HH:MM:SS` at a place, −1 if there is no such time. */
function secondOfDay(bytes: Uint8Array, at: number): number {
  if (bytes[at + 2] !== COLON || bytes[at + 5] !== COLON) return -1;
  const hours = twoDigits(bytes, at);
  const minutes = twoDigits(bytes, at + 3);
  const seconds = twoDigits(bytes, at + 6);
  const exists =
    hours >= 0 && hours < 24 && minutes >= 0 && minutes < 60 && seconds >= 0 && seconds < 60;
  return exists ? hours * 3600 + minutes * 60 + seconds : -1;
}

function twoDigits(bytes: Uint8Array, at: number): number {
  const tens = bytes[at]!;
  const ones = bytes[at + 1]!;
  return isDigit(tens) && isDigit(ones) ? (tens - 0x30) * 10 + ones - 0x30 : -1;
}
