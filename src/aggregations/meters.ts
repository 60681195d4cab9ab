import type { Aggregation } from '../core/aggregation.ts';
import { Buckets } from '../core/buckets.ts';
import type { EventBatch } from '../core/event-batch.ts';
import { JsonPath, scalarText } from '../core/json-path.ts';
import type { TimeRange } from '../core/time-range.ts';
import { decimalText } from '../core/value-sums.ts';
import { MeterState, type SavedMeter } from './meter-state.ts';
import type { ValueAggregation } from './meter-values.ts';

/** What to meter, and what to tell apart. */
export interface MeterOptions extends TimeRange {
  readonly aggregation: ValueAggregation | 'COUNT';
  /** Events of this type only. */
  readonly type?: string | undefined;
  /** Events of these subjects only. */
  readonly subjects?: readonly string[] | undefined;
  /** A JSONPath to the value in an event's data; not for `COUNT`. */
  readonly valueProperty?: string | undefined;
  /** Whether events have a column of values and no data: then it is their member `value`. */
  readonly valueColumn?: boolean | undefined;
  /** JSONPaths to values by which events are told apart. */
  readonly groupBy: readonly string[];
  /** JSONPaths, and the values there of the events that count. */
  readonly filters: readonly { readonly path: string; readonly values: readonly string[] }[];
  /** Whether subjects are told apart. */
  readonly bySubject: boolean;
  /** Length of the windows, a `WindowSpec`'s `every`; one for all time unless given. */
  readonly every?: string | undefined;
  /** IANA zone whose clock the windows are of. */
  readonly zone: string;
}

/** What a meter says of a window, a subject and a group. */
export interface MeterRow {
  /** Start of the window, ms since the epoch; 0 where there are no windows. */
  readonly start: number;
  /** Null where subjects are not told apart. */
  readonly subject: string | null;
  /** In the order of `groupBy`; null where an event has no such value. */
  readonly groups: readonly (string | null)[];
  /** Decimal text. */
  readonly value: string;
}

/** What a meter says. */
export interface MeterResult {
  /** Of windows with events, by time, then subject, then groups. */
  readonly rows: readonly MeterRow[];
  readonly counted: number;
  /** Events of the meter that are not counted: their value is missing, or no number where one is needed. */
  readonly skipped: number;
  /** Times of the first and the last event that is counted; undefined if there is none. */
  readonly extent: { readonly first: number; readonly last: number } | undefined;
}

/**
 * What becomes of the values in the data of events, for each window, subject and group. Numbers are exact.
 *
 * `merge` is commutative: the order of records does not matter.
 */
export function meters(options: MeterOptions): Aggregation<MeterState, MeterResult> {
  const kind = options.aggregation === 'COUNT' ? undefined : options.aggregation;
  const adders = new WeakMap<MeterState, MeterAdder>();
  return {
    zero: () => new MeterState(kind),
    add(state, batch) {
      let adder = adders.get(state);
      if (adder?.names !== batch.names) {
        adder = new MeterAdder(state, batch.names, options);
        adders.set(state, adder);
      }
      adder.add(batch);
    },
    merge(earlier, later) {
      earlier.merge(later);
      return earlier;
    },
    finish: resultOf,
    save: (state) => state.save(),
    load: (saved) => new MeterState(kind, saved as SavedMeter),
  };
}

const NO_GROUPS = '[]';

/** Adds events to a state. */
class MeterAdder {
  readonly names: EventBatch['names'];
  readonly #state: MeterState;
  readonly #options: MeterOptions;
  readonly #buckets: Buckets | undefined;
  readonly #value: JsonPath | undefined;
  readonly #groupBy: readonly JsonPath[];
  readonly #filters: readonly { readonly path: JsonPath; readonly values: ReadonlySet<string> }[];
  readonly #asked: ReadonlySet<string> | undefined;
  /** By ids of names: whether events of such a type or subject count, and what a subject is in the state. */
  readonly #isType: boolean[] = [];
  readonly #isAsked: boolean[] = [];
  readonly #subjectIds: number[] = [];
  /** Most events are of the group of the one before. */
  #group = { text: '', id: -1 };

  constructor(state: MeterState, names: EventBatch['names'], options: MeterOptions) {
    this.#state = state;
    this.names = names;
    this.#options = options;
    const { every, zone, valueProperty, groupBy, filters, subjects } = options;
    this.#buckets = every === undefined ? undefined : new Buckets({ every, align: 'clock', zone });
    this.#value = valueProperty === undefined ? undefined : new JsonPath(valueProperty);
    this.#groupBy = groupBy.map((path) => new JsonPath(path));
    this.#filters = filters.map(({ path, values }) => {
      return { path: new JsonPath(path), values: new Set(values) };
    });
    this.#asked = subjects && new Set(subjects);
  }

  add(batch: EventBatch): void {
    const { from, to } = this.#options;
    const state = this.#state;
    const { cells, values } = state;
    for (let i = 0; i < batch.length; i++) {
      const time = batch.time[i]!;
      if (time < from || time >= to || !this.#counts(batch, i)) continue;
      const data = this.#dataOf(batch, i);
      if (!this.#filters.every((filter) => passes(data, filter))) continue;
      const value = values?.read(this.#value!.find(data));
      if (values && value === undefined) {
        state.skipped++;
        continue;
      }
      const start = this.#buckets?.startOf(time) ?? 0;
      const row = cells.rowOf(this.#subjectOf(batch, i), this.#groupOf(data), start);
      cells.count[row]!++;
      values?.add(row, value, time);
      state.counted++;
      if (time < state.first) state.first = time;
      if (time > state.last) state.last = time;
    }
  }

  #counts({ type, subject }: EventBatch, i: number): boolean {
    const { type: asked } = this.#options;
    const [typeId, subjectId] = [type[i]!, subject[i]!];
    if (asked !== undefined) {
      this.#isType[typeId] ??= this.names.nameOf(typeId) === asked;
      if (!this.#isType[typeId]) return false;
    }
    if (this.#asked === undefined) return true;
    this.#isAsked[subjectId] ??= this.#asked.has(this.names.nameOf(subjectId));
    return this.#isAsked[subjectId];
  }

  /** The data of an event as JSON; as `null` where it has none, or where nothing of it is wanted. */
  #dataOf({ data, value, scale }: EventBatch, i: number): string {
    const isWanted = this.#value || this.#groupBy.length > 0 || this.#filters.length > 0;
    if (!isWanted) return 'null';
    if (this.#options.valueColumn)
      return `{"value":${decimalText({ digits: value[i]!, scale: scale[i]! })}}`;
    if (data.length === 0) return 'null';
    const bytes = data.bytesOf(i);
    if (bytes.length === 0) return 'null';
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString();
  }

  #subjectOf({ subject }: EventBatch, i: number): number {
    if (!this.#options.bySubject) return 0;
    const id = subject[i]!;
    let own = this.#subjectIds[id];
    if (own === undefined) {
      const name = this.names.bytesOf(id);
      own = this.#state.subjects.add(name, 0, name.length);
      this.#subjectIds[id] = own;
    }
    return own;
  }

  #groupOf(data: string): number {
    const text =
      this.#groupBy.length === 0
        ? NO_GROUPS
        : JSON.stringify(this.#groupBy.map((path) => scalarText(path.find(data)) ?? null));
    if (text !== this.#group.text || this.#group.id < 0) {
      const bytes = Buffer.from(text);
      this.#group = { text, id: this.#state.groups.add(bytes, 0, bytes.length) };
    }
    return this.#group.id;
  }
}

/** Whether the value at a path is one of those that count; none counts as an empty text. */
function passes(
  data: string,
  { path, values }: { readonly path: JsonPath; readonly values: ReadonlySet<string> },
): boolean {
  return values.has(scalarText(path.find(data)) ?? '');
}

function resultOf(state: MeterState): MeterResult {
  const { cells, values, counted, skipped, first, last } = state;
  const groups = namesOf(state.groups);
  const subjects = namesOf(state.subjects);
  const found = Array.from({ length: cells.size }, (_, row) => {
    const [start, count] = [cells.start[row]!, cells.count[row]!];
    const value = values?.result(row, count) ?? String(count);
    return {
      start,
      subject: subjects[cells.subject[row]!] ?? null,
      group: groups[cells.type[row]!]!,
      value,
    };
  });
  found.sort(
    (a, b) =>
      a.start - b.start ||
      compareTexts(a.subject ?? '', b.subject ?? '') ||
      compareTexts(a.group, b.group),
  );
  return {
    rows: found.map(({ group, ...row }) => ({ ...row, groups: JSON.parse(group) })),
    counted,
    skipped,
    extent: counted > 0 ? { first, last } : undefined,
  };
}

function namesOf(names: MeterState['groups']): string[] {
  return Array.from({ length: names.size }, (_, id) => names.nameOf(id));
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
