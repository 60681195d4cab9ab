import { CountCells, type SavedCells } from '../core/count-cells.ts';
import { Dictionary, type SavedDictionary } from '../core/dictionary.ts';
import type { EventBatch } from '../core/event-batch.ts';
import { type SavedValues, ValueSums } from '../core/value-sums.ts';

/** What is known of a name: that it is asked for, … */
const ASKED = 1;
/** … or that it is not. */
export const NOT_ASKED = 2;

/** What is counted apart. */
export interface Counting {
  /** Whether events of different types are counted apart. */
  readonly byType: boolean;
  /** Whether values are added up. */
  readonly values: boolean;
}

/** The events of some records: a few numbers for each subject, type and bucket, however many records. */
export class CountState {
  readonly counting: Counting;
  names: Dictionary | undefined;
  cells: CountCells = new CountCells();
  /** By the row of their cell, where values are added up. */
  values: ValueSums | undefined;
  events = 0;
  /** Of these, the events in the range and of those who were asked for. */
  counted = 0;
  /** Least and greatest time of the events in the range, whoever they are of. */
  first: number = Number.POSITIVE_INFINITY;
  last: number = Number.NEGATIVE_INFINITY;
  readonly #known: Record<'subject' | 'type', Uint8Array> = {
    subject: new Uint8Array(0),
    type: new Uint8Array(0),
  };

  constructor(counting: Counting) {
    this.counting = counting;
    if (counting.values) this.values = new ValueSums();
  }

  /** Takes the dictionary of a batch. */
  admit({ names }: EventBatch): void {
    if (this.names !== undefined && this.names !== names)
      throw new Error('a state takes batches of one dictionary only');
    this.names = names;
  }

  /** Which names of the dictionary are asked for: 1 at the ids of those. */
  idsOf(which: 'subject' | 'type', asked: ReadonlySet<string>): Uint8Array {
    const { size } = this.names!;
    let known = this.#known[which];
    if (known.length < size) {
      const larger = new Uint8Array(2 * size);
      larger.set(known);
      this.#known[which] = larger;
      known = larger;
    }
    for (let id = size - 1; id >= 0 && known[id] === 0; id--)
      known[id] = asked.has(this.names!.nameOf(id)) ? ASKED : NOT_ASKED;
    return known;
  }

  /** Adds what was counted of other records. */
  merge(other: CountState): void {
    const names = this.names ?? new Dictionary();
    this.names = names;
    const { cells } = other;
    const ids = new Map<number, number>();
    const idOf = (id: number): number => {
      let own = ids.get(id);
      if (own === undefined) {
        own = names.addOf(other.names!, id);
        ids.set(id, own);
      }
      return own;
    };
    for (let row = 0; row < cells.size; row++) {
      const type = this.counting.byType ? idOf(cells.type[row]!) : 0;
      const own = this.cells.rowOf(idOf(cells.subject[row]!), type, cells.start[row]!);
      this.cells.count[own]! += cells.count[row]!;
      if (this.values) this.values.merge(own, other.values!.totals(row));
    }
    this.events += other.events;
    this.counted += other.counted;
    this.first = Math.min(this.first, other.first);
    this.last = Math.max(this.last, other.last);
  }

  /** As plain data, without the names of which nothing was counted. */
  save(): SavedCounts {
    const { cells, values, counting, events, counted, first, last } = this;
    const names = new Dictionary();
    const own = new Int32Array(this.names?.size ?? 0).fill(-1);
    const toOwn = (ids: Uint32Array) => {
      for (let row = 0; row < ids.length; row++) {
        const id = ids[row]!;
        if (own[id]! < 0) {
          own[id] = names.addOf(this.names!, id);
        }
        ids[row] = own[id]!;
      }
    };
    const saved = cells.save();
    toOwn(saved.subject);
    if (counting.byType) toOwn(saved.type);
    return {
      names: names.save(),
      cells: saved,
      values: values?.save(),
      ...{ events, counted, first, last },
    };
  }

  static load({ names, cells, values, ...rest }: SavedCounts, counting: Counting): CountState {
    const state = new CountState(counting);
    state.names = Dictionary.load(names);
    state.cells = CountCells.load(cells);
    if (values) state.values = ValueSums.load(values);
    return Object.assign(state, rest);
  }
}

/** A state as plain data. */
export interface SavedCounts {
  readonly names: SavedDictionary;
  readonly cells: SavedCells;
  readonly values: SavedValues | undefined;
  readonly events: number;
  readonly counted: number;
  readonly first: number;
  readonly last: number;
}
