import { type Chunk, MAX_RECORD_BYTES, TOO_LONG } from '../core/decoder.ts';

const NEWLINE = 0x0a;
const RETURN = 0x0d;
const QUOTE = 0x22;
const COMMA = 0x2c;

/** The reason of a record with a quote where none can be, or one that nothing closes. */
const MISQUOTED = 'quote';
/** One more byte than the longest record and its line end. */
const MOST_BYTES = MAX_RECORD_BYTES + 2;

/**
 * Finds the cells of a record by the book (RFC 4180): they may be quoted, and hold commas, line ends and doubled
 * quotes then.
 *
 * What it finds follows from the bytes from the record's start on, and from where the input ends. Of a record that
 * is malformed only the first line is taken: so one stray quote does not cost the rest of the input.
 */
export class CsvRecord {
  /** How many cells there are. */
  count = 0;
  /** Behind its text, in front of its line end. */
  end = 0;
  /** Line ends in it and behind it. */
  lines = 0;
  /** Why it is none. */
  reason: string | undefined;
  /** Where the text of each cell begins and ends. */
  #cells = new Int32Array(64);

  /** Where the text of a cell begins, behind a quote in front of it. */
  begin(cell: number): number {
    return this.#cells[2 * cell]!;
  }

  /** Where it ends. */
  endOf(cell: number): number {
    return this.#cells[2 * cell + 1]!;
  }

  /**
   * Splits the record that begins at a place; its first line is all there.
   *
   * @returns Where the next one begins; the same place if this one is not complete.
   */
  split(chunk: Chunk, from: number): number {
    this.reason = undefined;
    if (this.#isPending(chunk, from)) return from;
    const next = this.#split(chunk, from);
    if (next > from && this.end - from > MAX_RECORD_BYTES) this.reason = TOO_LONG;
    return this.reason === undefined ? next : this.#firstLine(chunk.bytes, from);
  }

  #split(chunk: Chunk, from: number): number {
    const { bytes } = chunk;
    const to = Math.min(chunk.end, from + MOST_BYTES);
    this.count = 0;
    this.lines = 0;
    for (let at = from; ; at++) {
      const isQuoted = at < to && bytes[at] === QUOTE;
      const begin = isQuoted ? at + 1 : at;
      at = isQuoted ? this.#closingQuote(bytes, begin, to) : delimiterBehind(bytes, begin, to);
      let end = at;
      if (isQuoted && end - from >= MAX_RECORD_BYTES) {
        this.reason = MISQUOTED;
        return from;
      }
      if (isQuoted) at++;
      const hasReturn = isQuoted && at < to && bytes[at] === RETURN;
      if (hasReturn) at++;
      if (at >= to) return this.#runOut(chunk, from, isQuoted ? end : undefined);
      const delimiter = bytes[at];
      if (delimiter !== NEWLINE && (delimiter !== COMMA || hasReturn)) {
        this.reason = MISQUOTED;
        return from;
      }
      if (delimiter === NEWLINE && end === at && end > begin && bytes[end - 1] === RETURN) end--;
      this.#add(begin, end);
      if (delimiter === COMMA) continue;
      this.end = isQuoted ? end + 1 : end;
      this.lines++;
      return at + 1;
    }
  }

  /** Takes note that bytes ran out, in a quoted cell whose closing quote is to be looked for from a place on. */
  #runOut(chunk: Chunk, from: number, quotedUpTo: number | undefined): number {
    const { offset, end, ended } = chunk;
    const awaited = quotedUpTo === undefined ? NEWLINE : QUOTE;
    if (end - from >= MOST_BYTES) this.reason = TOO_LONG;
    else if (ended) this.reason = MISQUOTED;
    else chunk.pending = { from: offset + from, to: offset + (quotedUpTo ?? end), awaited };
    return from;
  }

  /** Whether a record that was not complete before has got nothing yet that could complete it. */
  #isPending(chunk: Chunk, from: number): boolean {
    const { bytes, offset, end, ended, pending } = chunk;
    if (pending?.from !== offset + from || ended || end - from >= MOST_BYTES) return false;
    if (bytes.subarray(pending.to - offset, end).includes(pending.awaited)) return false;
    chunk.pending = { ...pending, to: offset + end };
    return true;
  }

  #firstLine(bytes: Uint8Array, from: number): number {
    const lineEnd = bytes.indexOf(NEWLINE, from);
    this.end = lineEnd > from && bytes[lineEnd - 1] === RETURN ? lineEnd - 1 : lineEnd;
    this.lines = 1;
    if (this.end - from > MAX_RECORD_BYTES) this.reason = TOO_LONG;
    return lineEnd + 1;
  }

  /** Where the quote stands that closes a cell, `to` if there is none. Counts line ends in front of it. */
  #closingQuote(bytes: Uint8Array, from: number, to: number): number {
    for (let at = from; at < to; at++) {
      const byte = bytes[at];
      if (byte === NEWLINE) this.lines++;
      else if (byte === QUOTE) {
        if (at + 1 === to || bytes[at + 1] !== QUOTE) return at;
        at++;
      }
    }
    return to;
  }

  #add(begin: number, end: number): void {
    const place = 2 * this.count++;
    if (place === this.#cells.length) {
      const larger = new Int32Array(2 * place);
      larger.set(this.#cells);
      this.#cells = larger;
    }
    this.#cells[place] = begin;
    this.#cells[place + 1] = end;
  }
}

/** Where the first comma, line end or quote stands, `to` if there is none. */
function delimiterBehind(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  for (; at < to; at++) {
    const byte = bytes[at]!;
    if (byte === COMMA || byte === NEWLINE || byte === QUOTE) break;
  }
  return at;
}
