import { ValueSums, type ValueTotals } from '../core/value-sums.ts';
import { Packer, Unpacker } from './packed.ts';

/**
 * Events of one subject and type on a UTC day: columns, a row for each minute, or hour, that has
 * some, in order.
 */
export interface Day {
  /** From 0 to 1439; of hours, to 23. */
  readonly minute: Uint16Array;
  readonly count: Float64Array;
  /** Totals of their values, where there are values. */
  readonly values: readonly ValueTotals[] | undefined;
}

const NO_VALUES = new Uint8Array(0);
const packer = new Packer();
const size = new Float64Array(1);

/** A day as bytes. */
export function packDay({ minute, count, values }: Day): Uint8Array<ArrayBuffer> {
  size[0] = minute.length;
  packer.clear();
  packer.numbers(size, 0, 1);
  packer.numbers(minute, 0, minute.length);
  packer.numbers(count, 0, minute.length);
  packer.raw(values === undefined ? NO_VALUES : Buffer.from(JSON.stringify(values.map(textsOf))));
  packer.seal();
  return new Uint8Array(packer.bytes); // a copy: what the packer has is a view
}

/**
 * The day that was packed.
 *
 * @throws Damaged
 */
export function unpackDay(bytes: Uint8Array): Day {
  const unpacker = new Unpacker(bytes);
  unpacker.checkSeal();
  unpacker.numbers(size, 1);
  const length = size[0]!;
  const minute = new Uint16Array(length);
  const count = new Float64Array(length);
  unpacker.numbers(minute, length);
  unpacker.numbers(count, length);
  const texts = unpacker.raw();
  const values =
    texts.length === 0
      ? undefined
      : (JSON.parse(Buffer.from(texts).toString()) as TotalTexts[]).map(totalsOf);
  return { minute, count, values };
}

const slots = new Uint16Array(1440);
const counted = new Float64Array(1440);

/**
 * Adds the events of a packed day to numbers by the hour, of which the day's first one has a place that may lie outside.
 *
 * @param slotsPerHour - 60 where it is packed by minutes, 1 by hours.
 * @throws Damaged
 */
export function addPackedHours(
  bytes: Uint8Array,
  slotsPerHour: number,
  into: Float64Array,
  first: number,
): void {
  const unpacker = new Unpacker(bytes);
  unpacker.checkSeal();
  unpacker.numbers(size, 1);
  const length = size[0]!;
  unpacker.numbers(slots, length);
  unpacker.numbers(counted, length);
  for (let i = 0; i < length; i++) {
    const hour = first + Math.floor(slots[i]! / slotsPerHour);
    if (hour >= 0 && hour < into.length) into[hour]! += counted[i]!;
  }
}

/** The events of both. */
export function mergeDays(one: Day, other: Day): Day {
  const most = one.minute.length + other.minute.length;
  const minute = new Uint16Array(most);
  const count = new Float64Array(most);
  const values: ValueTotals[] = [];
  let length = 0;
  for (let a = 0, b = 0; a < one.minute.length || b < other.minute.length; length++) {
    const [first, second] = [one.minute[a] ?? AFTER, other.minute[b] ?? AFTER];
    minute[length] = Math.min(first, second);
    count[length] = (first <= second ? one.count[a]! : 0) + (second <= first ? other.count[b]! : 0);
    if (one.values && other.values) {
      const totals = new ValueSums();
      if (first <= second) totals.merge(0, one.values[a]!);
      if (second <= first) totals.merge(0, other.values[b]!);
      values.push(totals.totals(0));
    }
    if (first <= second) a++;
    if (second <= first) b++;
  }
  return {
    minute: minute.subarray(0, length),
    count: count.subarray(0, length),
    values: one.values && other.values ? values : undefined,
  };
}

const hourRows = new Uint16Array(24);
const hourSums = new Float64Array(24);

/** The same by hours. */
export function hoursOf({ minute, count, values }: Day): Day {
  const totals = values && new ValueSums();
  let row = -1;
  for (let i = 0; i < minute.length; i++) {
    const hour = Math.floor(minute[i]! / 60);
    if (row < 0 || hourRows[row] !== hour) {
      hourRows[++row] = hour;
      hourSums[row] = 0;
    }
    hourSums[row]! += count[i]!;
    totals?.merge(row, values![i]!);
  }
  return {
    minute: hourRows.slice(0, row + 1),
    count: hourSums.slice(0, row + 1),
    values: totals && Array.from({ length: row + 1 }, (_, at) => totals.totals(at)),
  };
}

/** The events of a day's first minutes. */
export function dayUntil({ minute, count, values }: Day, end: number): Day {
  const length = minute.filter((each) => each < end).length;
  return {
    minute: minute.subarray(0, length),
    count: count.subarray(0, length),
    values: values?.slice(0, length),
  };
}

/** Behind every minute. */
const AFTER = 1440;

/** Totals as JSON holds them: whole numbers of any size as text. */
type TotalTexts = readonly [scale: number, sum: string, min: string, max: string];

function textsOf({ scale, sum, min, max }: ValueTotals): TotalTexts {
  return [scale, `${sum}`, `${min}`, `${max}`];
}

function totalsOf([scale, sum, min, max]: TotalTexts): ValueTotals {
  return { scale, sum: BigInt(sum), min: BigInt(min), max: BigInt(max) };
}
