/** Where an entry of `words` keeps its id, its length in bytes, and the name itself, zero-padded. */
const ID = 0;
const LENGTH = 1;
const NAME = 2;

/** Differs from run to run, so that nobody can prepare names that all fall into one slot. */
const SEED = Math.trunc(Math.random() * 2 ** 32) | 0;

/**
 * The hash of no bytes yet. Feed it little-endian words of four bytes, the last one zero-padded. The last
 * one holds three bytes at most: where bytes come out even, it is zero.
 */
export const EMPTY_HASH = SEED;

/** Takes one more word of a name into its hash. */
export function mixHash(hash: number, word: number): number {
  const mixed = Math.imul(hash ^ word, 0x5bd1e995);
  return mixed ^ (mixed >>> 15);
}

/** A dictionary as plain data, for another thread or a store. */
export interface SavedDictionary {
  readonly words: Int32Array<ArrayBuffer>;
  readonly size: number;
}

/**
 * Names as numbers: 0, 1, 2, … in the order they were first seen.
 *
 * Names are compared as bytes and become strings only when asked for. An entry's id, length and bytes
 * lie side by side, and slots are small, so that looking up a known name touches two cache lines and the
 * whole leaves room in the cache for what is counted.
 */
export class Dictionary {
  size = 0;
  /** Entries, one after the other. Word 0 is unused, so that 0 can mean an empty slot. */
  words: Int32Array<ArrayBuffer> = new Int32Array(1 << 12);
  /** Places of entries in `words`, each in the slot that its hash says or the next free one; 0 is empty. */
  slots: Int32Array<ArrayBuffer> = new Int32Array(1 << 10);
  #used = 1;
  #places: number[] = [];
  /** Of `words` and of a name to look for: kept, since making a view takes longer than looking. */
  #bytes = Buffer.from(this.words.buffer);
  #scratch = new DataView(new ArrayBuffer(64));

  /** The id of the name in `bytes[from, to)`, which is added if it is new. */
  add(bytes: Uint8Array, from: number, to: number): number {
    const length = to - from;
    const padded = paddedLength(length);
    if (padded > this.#scratch.byteLength)
      this.#scratch = new DataView(new ArrayBuffer(padded * 2));
    const scratch = this.#scratch;
    scratch.setInt32(padded - 4, 0);
    for (let i = 0; i < length; i++) scratch.setUint8(i, bytes[from + i]!);
    let hash = EMPTY_HASH;
    for (let at = 0; at < padded; at += 4) hash = mixHash(hash, scratch.getInt32(at, true));
    const id = this.find(hash, scratch, 0, length, scratch.getInt32(padded - 4, true));
    return id < 0 ? this.insert(hash, bytes, from, to) : id;
  }

  /**
   * The id of a name whose hash is known, −1 if it is not here.
   *
   * @param lastWord - Its last bytes, up to three, zero-padded: the view may hold anything behind them.
   */
  find(hash: number, view: DataView, at: number, length: number, lastWord: number): number {
    const { words, slots } = this;
    const mask = slots.length - 1;
    const tail = at + (length & ~3);
    for (let slot = hash & mask; ; slot = (slot + 1) & mask) {
      const place = slots[slot]!;
      if (place === 0) return -1;
      if (words[place + LENGTH] !== length) continue;
      let word = place + NAME;
      let from = at;
      while (from < tail && words[word] === view.getInt32(from, true)) {
        from += 4;
        word++;
      }
      if (from === tail && words[word] === lastWord) return words[place + ID]!;
    }
  }

  /** Adds a name that `find` did not find. */
  insert(hash: number, bytes: Uint8Array, from: number, to: number): number {
    const place = this.#makeRoom(to - from);
    const name = (place + NAME) * 4;
    for (let i = from; i < to; i++) this.#bytes[name + i - from] = bytes[i]!;
    return this.#settle(hash, place);
  }

  /** The id of a name of another dictionary, which is added if it is new: faster than by its bytes. */
  addOf(other: Dictionary, id: number): number {
    const { words } = other;
    const from = other.#places[id]! + NAME;
    const length = words[from - NAME + LENGTH]!;
    const count = paddedLength(length) >>> 2;
    let hash = EMPTY_HASH;
    for (let i = 0; i < count; i++) hash = mixHash(hash, words[from + i]!);
    const mask = this.slots.length - 1;
    for (let slot = hash & mask; this.slots[slot] !== 0; slot = (slot + 1) & mask) {
      const place = this.slots[slot]!;
      if (this.words[place + LENGTH] !== length) continue;
      let i = 0;
      while (i < count && this.words[place + NAME + i] === words[from + i]) i++;
      if (i === count) return this.words[place + ID]!;
    }
    const place = this.#makeRoom(length);
    for (let i = 0; i < count; i++) this.words[place + NAME + i] = words[from + i]!;
    return this.#settle(hash, place);
  }

  /** Makes room for an entry behind all others. Returns where. */
  #makeRoom(length: number): number {
    const place = this.#used;
    this.#used += NAME + (paddedLength(length) >>> 2);
    if (this.#used > this.words.length) this.#setWords(grown(this.words, this.#used));
    this.words[place + ID] = this.size;
    this.words[place + LENGTH] = length;
    return place;
  }

  /** Gives a new entry its slot. Returns its id. */
  #settle(hash: number, place: number): number {
    this.#places.push(place);
    this.size++;
    if (this.size * 2 > this.slots.length) this.#rehash();
    else this.#fill(hash, place);
    return this.size - 1;
  }

  /** The bytes of a name: a view, valid until the next name is added. */
  bytesOf(id: number): Uint8Array {
    const place = this.#places[id]!;
    return new Uint8Array(this.words.buffer, (place + NAME) * 4, this.words[place + LENGTH]);
  }

  /** A name as text. */
  nameOf(id: number): string {
    const place = this.#places[id]!;
    const from = (place + NAME) * 4;
    return this.#bytes.toString('utf8', from, from + this.words[place + LENGTH]!);
  }

  save(): SavedDictionary {
    return { words: this.words.slice(0, this.#used), size: this.size };
  }

  static load({ words, size }: SavedDictionary): Dictionary {
    const dictionary = new Dictionary();
    dictionary.#setWords(words);
    dictionary.size = size;
    for (
      let place = 1;
      place < words.length;
      place += NAME + (paddedLength(words[place + LENGTH]!) >>> 2)
    ) {
      dictionary.#places.push(place);
    }
    dictionary.#used = words.length;
    dictionary.#rehash();
    return dictionary;
  }

  #setWords(words: Int32Array<ArrayBuffer>): void {
    this.words = words;
    this.#bytes = Buffer.from(words.buffer, words.byteOffset, words.byteLength);
  }

  /** Makes room for twice the names, and finds each its slot. */
  #rehash(): void {
    let length = this.slots.length;
    while (length < this.size * 3) length *= 2;
    this.slots = new Int32Array(length);
    for (const place of this.#places) {
      const end = place + NAME + (paddedLength(this.words[place + LENGTH]!) >>> 2);
      let hash = EMPTY_HASH;
      for (let word = place + NAME; word < end; word++) hash = mixHash(hash, this.words[word]!);
      this.#fill(hash, place);
    }
  }

  #fill(hash: number, place: number): void {
    const { slots } = this;
    let slot = hash & (slots.length - 1);
    while (slots[slot] !== 0) slot = (slot + 1) & (slots.length - 1);
    slots[slot] = place;
  }
}

/** Bytes that a name takes in words of four, the last of them not full. */
function paddedLength(length: number): number {
  return (length & ~3) + 4;
}

function grown(words: Int32Array<ArrayBuffer>, needed: number): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(Math.max(needed, words.length * 2));
  larger.set(words);
  return larger;
}
