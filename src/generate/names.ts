import type { Random } from './random.ts';

/** Names to draw from, the first most often. */
export class Names {
  readonly count: number;
  readonly #bytes: Buffer;
  /** Where each name begins; the last number is the end of all. */
  readonly #begins: Uint32Array;

  constructor(names: Iterable<string>) {
    const all = [...names];
    this.count = all.length;
    this.#bytes = Buffer.from(all.join(''), 'latin1');
    this.#begins = new Uint32Array(this.count + 1);
    for (const [n, name] of all.entries()) this.#begins[n + 1] = this.#begins[n]! + name.length;
  }

  /** The number of a name. The n-th comes about n^(−2/3) as often as the first: much as Zipf found. */
  draw(random: Random): number {
    const place = random.unit();
    return Math.floor(place * place * place * this.count); // A power may differ between machines.
  }

  /** Writes a name. Returns where it ends. */
  put(bytes: Uint8Array, at: number, name: number): number {
    const end = this.#begins[name + 1]!;
    let to = at;
    for (let from = this.#begins[name]!; from < end; from++) bytes[to++] = this.#bytes[from]!;
    return to;
  }
}

/** Draws so many words, all different. */
export function differentWords(count: number, draw: () => string): Set<string> {
  const words = new Set<string>();
  while (words.size < count) words.add(draw());
  return words;
}

const ONSETS = 'b d f g h j k l m n p r s t v w y z ch sh'.split(' ');
const VOWELS = 'aeiou';
const ENDINGS = ['', '', 'n', 'l', 's', 'r'];

/** A made-up first name of 4 to 10 letters, such as `Kalino`: one of some five million. */
export function firstName(random: Random): string {
  const oneOf = (choices: string | readonly string[]) => choices[random.below(choices.length)]!;
  const syllable = () => oneOf(ONSETS) + oneOf(VOWELS);
  const name = syllable() + syllable() + (random.below(2) === 0 ? '' : syllable()) + oneOf(ENDINGS);
  return name[0]!.toUpperCase() + name.slice(1);
}
