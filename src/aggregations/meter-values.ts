import { compareDecimals, decimalOf, quotient } from '../core/decimal.ts';
import { scalarText } from '../core/json-path.ts';
import { type Decimal, decimalText, ValueSums } from '../core/value-sums.ts';

/** What a meter makes of the values of a cell's events. */
export type ValueAggregation = 'SUM' | 'MIN' | 'MAX' | 'AVG' | 'UNIQUE_COUNT' | 'LATEST';

/** Values of events by the row of their cell; a row that is new is the one behind the last. */
export interface MeterValues {
  /**
   * What an event's value is; undefined if it is of no use.
   *
   * @param json - As it is written; undefined where there is none.
   */
  read(json: string | undefined): unknown;
  /** Takes a value that was read. */
  add(row: number, value: unknown, time: number): void;
  /** Takes all values of a row of others of the same kind. */
  merge(row: number, other: MeterValues, otherRow: number): void;
  /** What a row comes to, as decimal text. */
  result(row: number, count: number): string;
  /** As plain data. */
  save(): unknown;
}

/** Values of a kind, empty or as they were saved. */
export function meterValues(aggregation: ValueAggregation, saved?: unknown): MeterValues {
  if (aggregation === 'UNIQUE_COUNT') return new UniqueValues(saved as SavedUniques | undefined);
  if (aggregation === 'LATEST') return new LatestValues(saved as SavedLatest | undefined);
  return new NumberValues(aggregation, saved as ReturnType<ValueSums['save']> | undefined);
}

/** Decimal places of an average, as OpenMeter has them. */
const AVERAGE_PLACES = 19;

/** Numbers, added up. */
class NumberValues implements MeterValues {
  readonly #aggregation: 'SUM' | 'MIN' | 'MAX' | 'AVG';
  readonly #sums: ValueSums;

  constructor(
    aggregation: 'SUM' | 'MIN' | 'MAX' | 'AVG',
    saved: ReturnType<ValueSums['save']> | undefined,
  ) {
    this.#aggregation = aggregation;
    this.#sums = saved ? ValueSums.load(saved) : new ValueSums();
  }

  read(json: string | undefined): Decimal | undefined {
    return numberOf(json);
  }

  add(row: number, { digits, scale }: Decimal): void {
    this.#sums.add(row, digits, scale);
  }

  merge(row: number, other: NumberValues, otherRow: number): void {
    this.#sums.merge(row, other.#sums.totals(otherRow));
  }

  result(row: number, count: number): string {
    const { scale, sum, min, max } = this.#sums.totals(row);
    const average = () => quotient({ digits: sum, scale }, BigInt(count), AVERAGE_PLACES);
    if (this.#aggregation === 'AVG') return decimalText(average());
    return decimalText({ digits: { SUM: sum, MIN: min, MAX: max }[this.#aggregation], scale });
  }

  save(): unknown {
    return this.#sums.save();
  }
}

type SavedUniques = readonly (readonly string[])[];

/** Texts, each counted once. */
class UniqueValues implements MeterValues {
  readonly #texts: Set<string>[];

  constructor(saved: SavedUniques = []) {
    this.#texts = saved.map((texts) => new Set(texts));
  }

  read(json: string | undefined): string | undefined {
    return scalarText(json);
  }

  add(row: number, text: string): void {
    this.#at(row).add(text);
  }

  merge(row: number, other: UniqueValues, otherRow: number): void {
    const texts = this.#at(row);
    for (const text of other.#texts[otherRow]!) texts.add(text);
  }

  result(row: number): string {
    return String(this.#texts[row]!.size);
  }

  save(): SavedUniques {
    return this.#texts.map((texts) => [...texts]);
  }

  #at(row: number): Set<string> {
    this.#texts[row] ??= new Set();
    return this.#texts[row];
  }
}

type SavedLatest = readonly { readonly time: number; readonly value: Decimal }[];

/** The number of the last event; of several at the same millisecond, whose order is not known, the greatest. */
class LatestValues implements MeterValues {
  readonly #last: SavedLatest[number][];

  constructor(saved: SavedLatest = []) {
    this.#last = [...saved];
  }

  read(json: string | undefined): Decimal | undefined {
    return numberOf(json);
  }

  add(row: number, value: Decimal, time: number): void {
    const last = this.#last[row];
    if (
      last &&
      (last.time > time || (last.time === time && compareDecimals(last.value, value) > 0))
    )
      return;
    this.#last[row] = { time, value };
  }

  merge(row: number, other: LatestValues, otherRow: number): void {
    const { value, time } = other.#last[otherRow]!;
    this.add(row, value, time);
  }

  result(row: number): string {
    return decimalText(this.#last[row]!.value);
  }

  save(): SavedLatest {
    return this.#last;
  }
}

/** A number of JSON, or one that is written as a text. */
function numberOf(json: string | undefined): Decimal | undefined {
  const text = scalarText(json);
  return text === undefined ? undefined : decimalOf(text);
}
