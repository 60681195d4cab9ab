/** An exact decimal number: `digits / 10 ** scale`. */
export interface Decimal {
  readonly digits: bigint;
  readonly scale: number;
}

/** Exact totals of values, in whole numbers of `10 ** -scale`. */
export interface ValueTotals {
  readonly scale: number;
  readonly sum: bigint;
  readonly min: bigint;
  readonly max: bigint;
}

/** Which of them is asked for. */
export type ValueTotal = 'sum' | 'min' | 'max';

/** Sums, minima and maxima of exact decimals by row: all of one scale, the finest that was seen. */
export class ValueSums {
  scale = 0;
  sum: bigint[] = [];
  min: bigint[] = [];
  max: bigint[] = [];

  /** Takes one more value of a row; a row that is new is the one behind the last. */
  add(row: number, digits: bigint, scale: number): void {
    if (scale > this.scale) this.#refine(scale);
    const value = scale === this.scale ? digits : digits * powerOfTen(this.scale - scale);
    this.#take(row, value, value, value);
  }

  /** Takes the totals of other values of a row. */
  merge(row: number, { scale, sum, min, max }: ValueTotals): void {
    if (scale > this.scale) this.#refine(scale);
    const factor = powerOfTen(this.scale - scale);
    this.#take(row, sum * factor, min * factor, max * factor);
  }

  /** What is known of a row. */
  totals(row: number): ValueTotals {
    return { scale: this.scale, sum: this.sum[row]!, min: this.min[row]!, max: this.max[row]! };
  }

  save(): SavedValues {
    const { scale, sum, min, max } = this;
    return { scale, sum: [...sum], min: [...min], max: [...max] };
  }

  static load(saved: SavedValues): ValueSums {
    return Object.assign(new ValueSums(), saved);
  }

  #take(row: number, sum: bigint, min: bigint, max: bigint): void {
    const isNew = row === this.sum.length;
    this.sum[row] = isNew ? sum : this.sum[row]! + sum;
    if (isNew || min < this.min[row]!) this.min[row] = min;
    if (isNew || max > this.max[row]!) this.max[row] = max;
  }

  #refine(scale: number): void {
    const factor = powerOfTen(scale - this.scale);
    this.scale = scale;
    for (const column of [this.sum, this.min, this.max])
      for (let row = 0; row < column.length; row++) column[row]! *= factor;
  }
}

/** Totals of values as plain data. */
export type SavedValues = Pick<ValueSums, 'scale' | 'sum' | 'min' | 'max'>;

/** A decimal as text, without zeros at the end of its fraction. */
export function decimalText({ digits, scale }: Decimal): string {
  const sign = digits < 0n ? '-' : '';
  const all = String(digits < 0n ? -digits : digits).padStart(scale + 1, '0');
  const whole = all.slice(0, all.length - scale);
  const fraction = all.slice(all.length - scale).replace(/0+$/, '');
  return `${sign}${whole}${fraction === '' ? '' : `.${fraction}`}`;
}

const POWERS = Array.from({ length: 19 }, (_, power) => 10n ** BigInt(power));

function powerOfTen(power: number): bigint {
  return POWERS[power] ?? 10n ** BigInt(power);
}
