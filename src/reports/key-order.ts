import type { KeyOrder } from '../core/database.ts';

/** Compares keys as a database orders them. */
export const compareKeys: Readonly<Record<KeyOrder, (a: string, b: string) => number>> = {
  number: compareNumbers,
  bytes: compareBytes,
};

/** Whole numbers in decimal, without leading zeros. */
function compareNumbers(a: string, b: string): number {
  if (a === b) return 0;
  const isNegative = a.startsWith('-');
  if (isNegative !== b.startsWith('-')) return isNegative ? -1 : 1;
  const sizes = a.length - b.length || (a < b ? -1 : 1);
  return isNegative ? -sizes : sizes;
}

/** Texts by their bytes in UTF-8, which is the order of their code points. */
function compareBytes(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const [x, y] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (x !== y) return rank(x) - rank(y);
  }
  return a.length - b.length;
}

/** UTF-16 has halves of surrogate pairs below U+E000 to U+FFFF, and what they stand for is above. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit < 0xe000 ? unit + 0x10000 : unit;
}
