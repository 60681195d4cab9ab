import { Dictionary, type SavedDictionary } from './dictionary.ts';
import type { EventBatch } from './event-batch.ts';
import { type SavedTexts, TextColumn } from './text-column.ts';

/** The columns that events of some kinds of record have and others have not. */
export type EventField = 'object' | 'type' | 'kind' | 'value' | 'id' | 'data';

/** Those of them that are texts, nearly all different. */
type TextField = 'id' | 'data';

/** Those of them that runs of sorted events can have. */
export type RunField = Exclude<EventField, TextField>;

/** Columns by name, as `EventBatch` describes them. */
export interface EventColumns {
  time: Float64Array<ArrayBuffer>;
  subject: Uint32Array<ArrayBuffer>;
  position: Float64Array<ArrayBuffer>;
  line: Float64Array<ArrayBuffer>;
  object: Uint32Array<ArrayBuffer>;
  type: Uint32Array<ArrayBuffer>;
  kind: Uint8Array<ArrayBuffer>;
  value: BigInt64Array<ArrayBuffer>;
  scale: Uint8Array<ArrayBuffer>;
}

/** Columns that number names. */
const NAMED: readonly (keyof EventColumns)[] = ['subject', 'object', 'type'];

const EVERY_EVENT = ['time', 'subject', 'position', 'line'] as const;

/** Any number of events in columns, in the order in which they were read. */
export class EventList {
  length = 0;
  readonly fields: readonly EventField[];
  readonly columns: EventColumns;
  /** Of every event, where there are ids. */
  ids: TextColumn = new TextColumn();
  /** Of every event, where data is kept. */
  data: TextColumn = new TextColumn();
  /** The names that `subject`, `object` and `type` number. */
  names: Dictionary | undefined;
  readonly #used: readonly (keyof EventColumns)[];
  #capacity = 0;

  /** @param fields - Which columns there are besides those that every event has. */
  constructor(fields: readonly EventField[]) {
    this.fields = fields;
    this.columns = emptyColumns();
    const others = fields.flatMap((field) =>
      field === 'value' ? (['value', 'scale'] as const) : isText(field) ? [] : [field],
    );
    this.#used = [...EVERY_EVENT, ...others];
  }

  /**
   * Adds the events of a batch; all batches are of one dictionary.
   *
   * @param linesBefore - Of the batch's lines, how many stand in front of what the list is of.
   */
  append(batch: EventBatch, linesBefore = 0): void {
    const { length } = batch;
    this.names ??= batch.names;
    if (this.names !== batch.names) throw new Error('a list takes batches of one dictionary only');
    if (this.length + length > this.#capacity) this.#grow(this.length + length);
    for (const name of this.#used) copy(batch[name], this.columns[name], length, this.length);
    if (this.fields.includes('id')) appendTexts(this.ids, batch.id, length);
    if (this.fields.includes('data')) appendTexts(this.data, batch.data, length);
    const { line } = this.columns;
    if (linesBefore > 0)
      for (let i = this.length; i < this.length + length; i++) line[i]! -= linesBefore;
    this.length += length;
  }

  /**
   * Puts the events of another list of the same columns among these, each where it stands in the input.
   *
   * @param firstName - What number its first name has among the names of this list.
   */
  insert(other: EventList, firstName: number): void {
    const length = this.length + other.length;
    const joined = new EventList(this.fields);
    joined.#grow(length);
    const [here, there] = [this.columns.position, other.columns.position];
    for (let a = 0, b = 0; joined.length < length; joined.length++) {
      const isHere = b === other.length || (a < this.length && here[a]! < there[b]!);
      const [list, i, first] = isHere ? [this, a++, 0] : [other, b++, firstName];
      for (const name of this.#used) {
        const added = NAMED.includes(name) ? first : 0;
        joined.columns[name][joined.length] =
          added === 0 ? list.columns[name][i]! : Number(list.columns[name][i]) + added;
      }
      if (this.fields.includes('id')) appendText(joined.ids, list.ids, i);
      if (this.fields.includes('data')) appendText(joined.data, list.data, i);
    }
    Object.assign(this.columns, joined.columns);
    this.#capacity = joined.#capacity;
    this.length = length;
    this.ids = joined.ids;
    this.data = joined.data;
  }

  /** Leaves out the events that are marked with anything but 0. */
  drop(marked: Uint8Array): void {
    let kept = 0;
    const [ids, data] = [new TextColumn(), new TextColumn()];
    for (let i = 0; i < this.length; i++) {
      if (marked[i] !== 0) continue;
      for (const name of this.#used) this.columns[name][kept] = this.columns[name][i]!;
      if (this.fields.includes('id')) appendText(ids, this.ids, i);
      if (this.fields.includes('data')) appendText(data, this.data, i);
      kept++;
    }
    this.length = kept;
    this.ids = ids;
    this.data = data;
  }

  /** As plain data, for another thread. */
  save(): SavedEvents {
    const columns = emptyColumns();
    for (const name of this.#used)
      Object.assign(columns, { [name]: this.columns[name].slice(0, this.length) });
    const names = (this.names ?? new Dictionary()).save();
    const texts = { ids: this.ids.save(), data: this.data.save() };
    return { fields: this.fields, length: this.length, columns, ...texts, names };
  }

  static load({ fields, length, columns, ids, data, names }: SavedEvents): EventList {
    const list = new EventList(fields);
    Object.assign(list.columns, columns);
    list.length = length;
    list.#capacity = length;
    list.ids = TextColumn.load(ids);
    list.data = TextColumn.load(data);
    list.names = Dictionary.load(names);
    return list;
  }

  #grow(needed: number): void {
    this.#capacity = Math.max(needed, 2 * this.#capacity, FIRST_EVENTS);
    for (const name of this.#used) {
      const column = this.columns[name];
      const larger = new (column.constructor as new (length: number) => typeof column)(
        this.#capacity,
      );
      copy(column, larger, this.length, 0);
      Object.assign(this.columns, { [name]: larger });
    }
  }
}

/** Events as plain data. */
export interface SavedEvents {
  readonly fields: readonly EventField[];
  readonly length: number;
  readonly columns: EventColumns;
  readonly ids: SavedTexts;
  readonly data: SavedTexts;
  readonly names: SavedDictionary;
}

const NO_TEXT = new Uint8Array(0);
const FIRST_EVENTS = 1 << 8;

function isText(field: EventField): field is TextField {
  return field === 'id' || field === 'data';
}

/** Adds the texts of a batch, which stand there once one of its events has one; none is the empty text. */
function appendTexts(into: TextColumn, texts: TextColumn, length: number): void {
  into.appendColumn(texts);
  for (let i = texts.length; i < length; i++) into.append(NO_TEXT, 0, 0);
}

function appendText(into: TextColumn, from: TextColumn, i: number): void {
  const text = from.length > 0 ? from.bytesOf(i) : NO_TEXT;
  into.append(text, 0, text.length);
}

function emptyColumns(): EventColumns {
  return {
    time: new Float64Array(),
    subject: new Uint32Array(),
    position: new Float64Array(),
    line: new Float64Array(),
    object: new Uint32Array(),
    type: new Uint32Array(),
    kind: new Uint8Array(),
    value: new BigInt64Array(),
    scale: new Uint8Array(),
  };
}

type AnyColumn = EventColumns[keyof EventColumns];

/** Copies the first `length` entries of a column into another of its kind. */
function copy(from: AnyColumn, to: AnyColumn, length: number, at: number): void {
  // The two are of one kind, which the types cannot say.
  (to as Float64Array).set(from.subarray(0, length) as Float64Array, at);
}
