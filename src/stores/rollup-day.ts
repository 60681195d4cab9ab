import { ValueSums, type ValueTotals } from '../core/value-sums.ts';
import { Packer, Unpacker } from './packed.ts';

/** Events of one subject and type in one minute of a UTC day. */
export interface Minute {
  /** From 0 to 1439. */
  readonly minute: number;
  readonly count: number;
  readonly values?: ValueTotals | undefined;
}

const packer = new Packer();

/** Packs minutes, which are in order. */
export function packDay(minutes: readonly Minute[]): Uint8Array<ArrayBuffer> {
  const { length } = minutes;
  packer.clear();
  packer.numbers([length], 0, 1);
  packer.numbers(
    Uint16Array.from(minutes, ({ minute }) => minute),
    0,
    length,
  );
  packer.numbers(
    Float64Array.from(minutes, ({ count }) => count),
    0,
    length,
  );
  const hasValues = minutes.some(({ values }) => values !== undefined);
  packer.raw(Buffer.from(hasValues ? JSON.stringify(minutes.map(valuesText)) : ''));
  return packer.bytes.slice();
}

/** The minutes that were packed. */
export function unpackDay(bytes: Uint8Array): Minute[] {
  const unpacker = new Unpacker(bytes);
  const size = new Float64Array(1);
  unpacker.numbers(size, 1);
  const length = size[0]!;
  const minute = new Uint16Array(length);
  const count = new Float64Array(length);
  unpacker.numbers(minute, length);
  unpacker.numbers(count, length);
  const text = unpacker.raw();
  const values = text.length > 0 ? (JSON.parse(Buffer.from(text).toString()) as ValuesText[]) : [];
  return Array.from({ length }, (_, i) => ({
    minute: minute[i]!,
    count: count[i]!,
    values: valuesOf(values[i]),
  }));
}

/** The minutes of both, in order. */
export function mergeDays(one: readonly Minute[], other: readonly Minute[]): Minute[] {
  const merged: Minute[] = [];
  let at = 0;
  for (const minute of one) {
    while (at < other.length && other[at]!.minute < minute.minute) merged.push(other[at++]!);
    if (other[at]?.minute === minute.minute) merged.push(addMinutes(minute, other[at++]!));
    else merged.push(minute);
  }
  return [...merged, ...other.slice(at)];
}

function addMinutes({ minute, count, values }: Minute, other: Minute): Minute {
  const both = values && other.values ? addValues(values, other.values) : (values ?? other.values);
  return { minute, count: count + other.count, values: both };
}

function addValues(one: ValueTotals, other: ValueTotals): ValueTotals {
  const both = new ValueSums();
  both.merge(0, one);
  both.merge(0, other);
  return both.totals(0);
}

/** Totals as JSON holds them: whole numbers of any size as text. */
type ValuesText = readonly [scale: number, sum: string, min: string, max: string] | null;

function valuesText({ values }: Minute): ValuesText {
  return values ? [values.scale, `${values.sum}`, `${values.min}`, `${values.max}`] : null;
}

function valuesOf(text: ValuesText | undefined): ValueTotals | undefined {
  if (!text) return undefined;
  const [scale, sum, min, max] = text;
  return { scale, sum: BigInt(sum), min: BigInt(min), max: BigInt(max) };
}
