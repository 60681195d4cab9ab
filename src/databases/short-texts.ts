/** Longer texts are seldom the same. */
const MOST_BYTES = 31;
const SLOTS = 256;
/** Of a slot: the number of bytes, then the bytes. */
const SLOT_BYTES = MOST_BYTES + 1;

/** Texts of bytes in UTF-8, of which short ones that come again and again are made once. */
export class ShortTexts {
  readonly #texts: string[] = Array.from({ length: SLOTS }, () => '');
  readonly #bytes: Uint8Array = new Uint8Array(SLOTS * SLOT_BYTES);

  /** The text from one place of some bytes to another. */
  textOf(bytes: Buffer, from: number, to: number): string {
    const length = to - from;
    if (length > MOST_BYTES) return bytes.toString('utf8', from, to);
    let hash = 0;
    for (let i = from; i < to; i++) hash = (Math.imul(hash, 31) + bytes[i]!) | 0;
    const slot = hash & (SLOTS - 1);
    if (this.#holds(slot, bytes, from, length)) return this.#texts[slot]!;
    const text = bytes.toString('utf8', from, to);
    this.#texts[slot] = text;
    this.#bytes[slot * SLOT_BYTES] = length;
    this.#bytes.set(bytes.subarray(from, to), slot * SLOT_BYTES + 1);
    return text;
  }

  #holds(slot: number, bytes: Buffer, from: number, length: number): boolean {
    const known = this.#bytes;
    let at = slot * SLOT_BYTES;
    if (known[at++] !== length) return false;
    for (let i = from; i < from + length; i++) if (known[at++] !== bytes[i]) return false;
    return true;
  }
}
