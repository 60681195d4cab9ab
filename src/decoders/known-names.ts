import { type Dictionary, EMPTY_HASH, mixHash } from '../core/dictionary.ts';
import type { EventBatch } from '../core/event-batch.ts';
import type { Learner } from './learner.ts';

// Four bytes as little-endian words.
const LOWEST_BITS = 0x01010101;
const HIGHEST_BITS = 0x80808080;
/** Names beyond this are left to `FieldLine`, which minds how long a line may be. */
const USUAL_NAME_BYTES = 4096;

/**
 * The names of usual lines, looked up four bytes at a time.
 *
 * Only those that a line by the book had are known. Others may be in the dictionary: what a user asks for need
 * not be a name.
 */
export class KnownNames implements Learner {
  /** Where the last name ends that was looked for. */
  end = 0;
  #names: Dictionary | undefined;
  /** By id. */
  #isKnown: Uint8Array = new Uint8Array(1024);

  knowNamesOf({ names }: EventBatch): void {
    if (this.#names === names) return;
    this.#names = names;
    this.#isKnown.fill(0);
  }

  learn(_from: number, _to: number, id: number): void {
    if (id >= this.#isKnown.length) {
      const larger = new Uint8Array(id * 2);
      larger.set(this.#isKnown);
      this.#isKnown = larger;
    }
    this.#isKnown[id] = 1;
  }

  /**
   * The id of the name that begins at a place and ends in front of a delimiter, −1 if it is not known.
   *
   * Subtracting 1 from a byte borrows only at zero (Hacker's Delight, 6-1).
   *
   * @param delimiters - A word full of that byte.
   */
  find(view: DataView, from: number, to: number, delimiters: number): number {
    let end = from;
    let hash = EMPTY_HASH;
    let word = view.getInt32(end, true);
    let found = marked(word ^ delimiters);
    while (found === 0 && end < to) {
      hash = mixHash(hash, word);
      end += 4;
      word = view.getInt32(end, true);
      found = marked(word ^ delimiters);
    }
    const bits = (31 - Math.clz32(found & -found)) & 24; // of the name in its last word
    word &= (1 << bits) - 1;
    hash = mixHash(hash, word);
    end += bits >>> 3;
    this.end = end;
    const size = end - from;
    if (size < 1 || size > USUAL_NAME_BYTES) return -1;
    const id = this.#names!.find(hash, view, from, size, word);
    return id >= 0 && this.#isKnown[id] === 1 ? id : -1;
  }
}

/** Marks the lowest byte of a word that is zero, and perhaps others above it; 0 if there is none. */
function marked(word: number): number {
  return (word - LOWEST_BITS) & ~word & HIGHEST_BITS;
}
