/** Numbers of events by subject, type and bucket: a hash table of columns, a row for each that has events. */
export class CountCells {
  size = 0;
  subject: Uint32Array<ArrayBuffer> = new Uint32Array(FIRST_ROWS);
  /** 0 where types are not told apart. */
  type: Uint32Array<ArrayBuffer> = new Uint32Array(FIRST_ROWS);
  /** Start of the bucket, ms since the epoch. */
  start: Float64Array<ArrayBuffer> = new Float64Array(FIRST_ROWS);
  count: Float64Array<ArrayBuffer> = new Float64Array(FIRST_ROWS);
  /** Rows by their hash, counted from 1; 0 is empty. None before one is looked for. */
  #slots: Uint32Array<ArrayBuffer> = new Uint32Array(0);
  /** The row that was found last of each of the first subjects: mostly the one that is asked for next. */
  readonly #latest: Uint32Array<ArrayBuffer> = new Uint32Array(LATEST_SUBJECTS);

  /** The row of a cell, which is made if it is new: then columns may be replaced by larger ones. */
  rowOf(subject: number, type: number, start: number): number {
    if (subject >= LATEST_SUBJECTS) return this.#find(subject, type, start);
    const latest = this.#latest[subject]!;
    if (latest < this.size && this.#isAt(latest, subject, type, start)) return latest;
    const row = this.#find(subject, type, start);
    this.#latest[subject] = row;
    return row;
  }

  save(): SavedCells {
    const { size, subject, type, start, count } = this;
    return {
      subject: subject.slice(0, size),
      type: type.slice(0, size),
      start: start.slice(0, size),
      count: count.slice(0, size),
    };
  }

  static load(saved: SavedCells): CountCells {
    return Object.assign(new CountCells(), { ...saved, size: saved.count.length });
  }

  #isAt(row: number, subject: number, type: number, start: number): boolean {
    return this.start[row] === start && this.subject[row] === subject && this.type[row] === type;
  }

  #find(subject: number, type: number, start: number): number {
    if ((this.size + 1) * 2 > this.#slots.length) this.#rehash();
    const slots = this.#slots;
    const mask = slots.length - 1;
    for (let slot = hashOf(subject, type, start) & mask; ; slot = (slot + 1) & mask) {
      const row = slots[slot]! - 1;
      if (row < 0) return this.#insert(slot, subject, type, start);
      if (this.#isAt(row, subject, type, start)) return row;
    }
  }

  #insert(slot: number, subject: number, type: number, start: number): number {
    const row = this.size++;
    if (this.size > this.subject.length) this.#grow();
    this.subject[row] = subject;
    this.type[row] = type;
    this.start[row] = start;
    this.#slots[slot] = row + 1;
    return row;
  }

  #grow(): void {
    const rows = Math.max(FIRST_ROWS, 2 * this.subject.length);
    this.subject = resized(this.subject, new Uint32Array(rows));
    this.type = resized(this.type, new Uint32Array(rows));
    this.start = resized(this.start, new Float64Array(rows));
    this.count = resized(this.count, new Float64Array(rows));
  }

  #rehash(): void {
    let length = 4 * FIRST_ROWS;
    while (length < 4 * this.size) length *= 2;
    const slots = new Uint32Array(length);
    const mask = slots.length - 1;
    for (let row = 0; row < this.size; row++) {
      let slot = hashOf(this.subject[row]!, this.type[row]!, this.start[row]!) & mask;
      while (slots[slot] !== 0) slot = (slot + 1) & mask;
      slots[slot] = row + 1;
    }
    this.#slots = slots;
  }
}

/** The cells as plain data: one row each. */
export type SavedCells = Pick<CountCells, 'subject' | 'type' | 'start' | 'count'>;

const FIRST_ROWS = 1 << 6;
const LATEST_SUBJECTS = 1 << 12;

/** Differs from run to run, so that nobody can prepare cells that all fall into one slot. */
const SEED = Math.trunc(Math.random() * 2 ** 32) | 1;

function hashOf(subject: number, type: number, start: number): number {
  const second = Math.floor(start / 1000);
  let hash = Math.imul(subject ^ SEED, 0x9e3779b1) ^ Math.imul(type ^ (SEED >>> 7), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 15) ^ second, 0xc2b2ae35);
  hash = Math.imul(hash ^ (hash >>> 13) ^ Math.floor(second / 2 ** 32), 0x27d4eb2f);
  return hash ^ (hash >>> 16);
}

function resized<Column extends Uint32Array | Float64Array>(
  column: Column,
  larger: Column,
): Column {
  larger.set(column);
  return larger;
}
