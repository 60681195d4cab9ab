import type { Decimal } from './value-sums.ts';

/** Longer ones are no amounts, and would be slow. */
const MOST_CHARACTERS = 100;
const MOST_EXPONENT = 100;

/** The number that a text is, exactly, such as `-1.50` or `2e3`; undefined if it is none, or far too long. */
export function decimalOf(text: string): Decimal | undefined {
  if (text.length > MOST_CHARACTERS) return undefined;
  const [, sign, whole = '', fraction = '', power = '0'] =
    /^([+-]?)([0-9]+)(?:[.]([0-9]+))?(?:e([+-]?[0-9]+))?$/i.exec(text) ?? [];
  if (sign === undefined || Math.abs(Number(power)) > MOST_EXPONENT) return undefined;
  const digits = BigInt(whole + fraction) * (sign === '-' ? -1n : 1n);
  const scale = fraction.length - Number(power);
  return scale < 0 ? { digits: digits * 10n ** BigInt(-scale), scale: 0 } : { digits, scale };
}

/** A number divided by a whole one above zero, to so many decimal places, half to even. */
export function quotient({ digits, scale }: Decimal, by: bigint, places: number): Decimal {
  const [above, below] = [digits * 10n ** BigInt(places), by * 10n ** BigInt(scale)];
  const [whole, rest] = [above / below, above % below];
  const twice = 2n * (rest < 0n ? -rest : rest);
  const isAway = twice > below || (twice === below && whole % 2n !== 0n);
  return { digits: isAway ? whole + (above < 0n ? -1n : 1n) : whole, scale: places };
}

/** Which of two numbers is the greater: above zero if the first one is. */
export function compareDecimals(a: Decimal, b: Decimal): number {
  const [left, right] = [a.digits * 10n ** BigInt(b.scale), b.digits * 10n ** BigInt(a.scale)];
  return left < right ? -1 : Number(left > right);
}
