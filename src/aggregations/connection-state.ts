import { Dictionary, type SavedDictionary } from '../core/dictionary.ts';
import type { EventBatch } from '../core/event-batch.ts';

/** What is counted of each host: one column each, a row for each name of the dictionary. */
const COLUMNS = ['sent', 'received', 'itself', 'inbound', 'outbound'] as const;

/** The connections of some records: a few numbers a host, however many records. */
export class ConnectionState {
  names: Dictionary | undefined;
  /** Connections that the host made. */
  sent: Float64Array<ArrayBuffer> = new Float64Array(0);
  /** Connections that were made to it. */
  received: Float64Array<ArrayBuffer> = new Float64Array(0);
  /** Of both, those with itself. */
  itself: Float64Array<ArrayBuffer> = new Float64Array(0);
  /** Connections that it made to the asked host. */
  inbound: Float64Array<ArrayBuffer> = new Float64Array(0);
  /** Connections that the asked host made to it. */
  outbound: Float64Array<ArrayBuffer> = new Float64Array(0);
  events = 0;
  /** Of these, the events in the range and, where only one host is of interest, of that host. */
  counted = 0;
  /** Id of the asked host; −1 as long as there is none. */
  asked = -1;

  /** Takes the dictionary of a batch, and gives every name of it a row. */
  admit({ names }: EventBatch, host: Uint8Array | undefined): void {
    if (this.names !== undefined && this.names !== names)
      throw new Error('a state takes batches of one dictionary only');
    this.names = names;
    if (host !== undefined && this.asked < 0) this.asked = names.add(host, 0, host.length);
    this.#makeRows(names.size);
  }

  /** Adds what was counted of other records. */
  merge(other: ConnectionState): void {
    this.names ??= new Dictionary();
    const { names } = this;
    const ids = other.#occupied();
    const rows = new Uint32Array(ids.length);
    for (let i = 0; i < ids.length; i++) rows[i] = names.addOf(other.names!, ids[i]!);
    this.#makeRows(names.size);
    for (const column of COLUMNS) addAt(this[column], rows, other[column], ids);
    this.events += other.events;
    this.counted += other.counted;
  }

  /** Hosts that may have been counted. */
  get rows(): number {
    return Math.min(this.names?.size ?? 0, this.sent.length);
  }

  #makeRows(needed: number): void {
    if (needed <= this.sent.length) return;
    const rows = Math.max(needed, this.sent.length * 2, 64);
    for (const column of COLUMNS) {
      const larger = new Float64Array(rows);
      larger.set(this[column]);
      this[column] = larger;
    }
  }

  /** Ids of the hosts of which anything was counted. */
  #occupied(): Uint32Array {
    const { rows } = this;
    const isOccupied = new Uint8Array(rows);
    for (const column of COLUMNS) markOccupied(isOccupied, this[column]);
    const ids = new Uint32Array(rows);
    let count = 0;
    for (let id = 0; id < rows; id++) if (isOccupied[id] === 1) ids[count++] = id;
    return ids.subarray(0, count);
  }

  /** As plain data, without the names of which nothing was counted where they are many. */
  save(): SavedConnections {
    if (2 * this.#occupied().length < this.rows) return this.#compact().save();
    const { names = new Dictionary(), events, counted, rows } = this;
    const columns = COLUMNS.map((column) => this[column].slice(0, rows));
    return { names: names.save(), columns, events, counted };
  }

  #compact(): ConnectionState {
    const compact = new ConnectionState();
    compact.merge(this);
    return compact;
  }

  static load({ names, columns, events, counted }: SavedConnections): ConnectionState {
    const state = new ConnectionState();
    state.names = Dictionary.load(names);
    for (const [i, column] of COLUMNS.entries()) state[column] = columns[i]!;
    return Object.assign(state, { events, counted });
  }
}

/** Adds numbers of some rows of a column to rows of another. */
function addAt(to: Float64Array, rows: Uint32Array, from: Float64Array, ids: Uint32Array): void {
  for (let i = 0; i < ids.length; i++) to[rows[i]!]! += from[ids[i]!]!;
}

/** Marks the rows of a column in which anything stands. */
function markOccupied(isOccupied: Uint8Array, column: Float64Array): void {
  for (let id = 0; id < isOccupied.length; id++) if (column[id] !== 0) isOccupied[id] = 1;
}

/** A state as plain data. */
export interface SavedConnections {
  readonly names: SavedDictionary;
  readonly columns: readonly Float64Array<ArrayBuffer>[];
  readonly events: number;
  readonly counted: number;
}
