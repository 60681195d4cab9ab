/**
 * Random numbers that are the same for the same seed on any machine: 32-bit integers only. This is
 * sfc32 by Chris Doty-Humphrey (PractRand, https://pracrand.sourceforge.net), its period is at least 2^32
 * and about 2^127.
 */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  /**
   * @param seed - A whole number of up to 53 bits.
   * @param stream - Streams of one seed are independent: what is drawn from one does not show in another.
   */
  constructor(seed: number, stream: number) {
    this.#a = seed | 0;
    this.#b = Math.floor(seed / 2 ** 32) | 0;
    this.#c = stream | 0;
    for (let round = 0; round < 20; round++) this.next(); // Until every bit of the seed shows in all.
  }

  /** A whole number below 2^32. */
  next(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  /** A number from 0 to less than 1. */
  unit(): number {
    return this.next() / 2 ** 32;
  }

  /** A whole number less than `limit`, which is at most 2^32. */
  below(limit: number): number {
    return Math.floor(this.unit() * limit);
  }
}
