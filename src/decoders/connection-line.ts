import { isUtf8 } from 'node:buffer';
import type { Chunk } from '../core/decoder.ts';
import type { EventBatch } from '../core/event-batch.ts';
import type { EpochUnit } from './epoch-unit.ts';
import { FieldLine, isDigit } from './field-line.ts';
import type { Learner } from './learner.ts';

const BLANK = 0x20;
const DELETE = 0x7f;
/** The greatest number and the greatest time: up to it, every whole number is a double. */
export const GREATEST = 2 ** 53;

/** Reads any line of a connection log by the book. */
export class ConnectionLine extends FieldLine {
  readonly #unit: EpochUnit;

  constructor(unit: EpochUnit) {
    super();
    this.#unit = unit;
  }

  override teach(learner: Learner, { subject, object }: EventBatch, event: number): void {
    learner.learn(this.fields[2]!, this.fields[3]!, subject[event]!);
    learner.learn(this.fields[4]!, this.fields[5]!, object[event]!);
  }

  protected override read(
    { bytes, offset, line }: Chunk,
    from: number,
    count: number,
    batch: EventBatch,
  ): string | undefined {
    if (count !== 3) return 'field count';
    const { fields } = this;
    const { times, per } = this.#unit;
    const time = Math.floor((numberOf(bytes, fields[0]!, fields[1]!) * times) / per);
    if (!(time <= GREATEST)) return 'time';
    const [source, sourceEnd, target, targetEnd] = [fields[2]!, fields[3]!, fields[4]!, fields[5]!];
    if (hasControl(bytes, source, sourceEnd) || hasControl(bytes, target, targetEnd)) return 'host';
    if (!isText(bytes, source, sourceEnd) || !isText(bytes, target, targetEnd)) return 'encoding';
    const i = batch.length++;
    batch.time[i] = time;
    batch.subject[i] = batch.names.add(bytes, source, sourceEnd);
    batch.object[i] = batch.names.add(bytes, target, targetEnd);
    batch.position[i] = offset + from;
    batch.line[i] = line;
    return undefined;
  }
}

/** The number that is written in digits alone, NaN if there is none or it is beyond `GREATEST`. */
function numberOf(bytes: Uint8Array, from: number, to: number): number {
  let number = 0;
  for (let at = from; at < to; at++) {
    const digit = bytes[at]! - 0x30;
    // The sum of both would be rounded there.
    if (!isDigit(bytes[at]!) || number * 10 > GREATEST - digit) return Number.NaN;
    number = number * 10 + digit;
  }
  return number;
}

function hasControl(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (bytes[at]! < BLANK || bytes[at] === DELETE) return true;
  return false;
}

function isText(bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; at++)
    if (bytes[at]! > DELETE) return isUtf8(bytes.subarray(from, to));
  return true;
}
