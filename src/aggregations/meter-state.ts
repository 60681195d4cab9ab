import { CountCells, type SavedCells } from '../core/count-cells.ts';
import { Dictionary, type SavedDictionary } from '../core/dictionary.ts';
import { type MeterValues, meterValues, type ValueAggregation } from './meter-values.ts';

/** The metered events of some records: what is known of each subject, group and window. */
export class MeterState {
  readonly aggregation: ValueAggregation | undefined;
  /** Who, where subjects are told apart. */
  readonly subjects: Dictionary;
  /** Values of groups, as a JSON array each. */
  readonly groups: Dictionary;
  /** The `type` of a cell is its group. */
  readonly cells: CountCells;
  /** By the row of their cell; undefined where events are counted. */
  readonly values: MeterValues | undefined;
  counted = 0;
  /** Events of the meter whose value is missing, or no number where one is needed. */
  skipped = 0;
  /** Least and greatest time of what was counted. */
  first: number = Number.POSITIVE_INFINITY;
  last: number = Number.NEGATIVE_INFINITY;

  /** @param aggregation - What is made of values; nothing where events are counted. */
  constructor(aggregation: ValueAggregation | undefined, saved?: SavedMeter) {
    this.aggregation = aggregation;
    this.subjects = saved ? Dictionary.load(saved.subjects) : new Dictionary();
    this.groups = saved ? Dictionary.load(saved.groups) : new Dictionary();
    this.cells = saved ? CountCells.load(saved.cells) : new CountCells();
    this.values = aggregation && meterValues(aggregation, saved?.values);
    if (saved) {
      const { counted, skipped, first, last } = saved;
      Object.assign(this, { counted, skipped, first, last });
    }
  }

  /** Adds what was metered of other records. */
  merge(other: MeterState): void {
    const subjectIds = idsIn(this.subjects, other.subjects);
    const groupIds = idsIn(this.groups, other.groups);
    const { subject, type, start, count, size } = other.cells;
    for (let row = 0; row < size; row++) {
      const ids = [subjectIds[subject[row]!] ?? 0, groupIds[type[row]!] ?? 0] as const;
      const own = this.cells.rowOf(...ids, start[row]!);
      this.cells.count[own]! += count[row]!;
      this.values?.merge(own, other.values!, row);
    }
    this.counted += other.counted;
    this.skipped += other.skipped;
    this.first = Math.min(this.first, other.first);
    this.last = Math.max(this.last, other.last);
  }

  save(): SavedMeter {
    const { subjects, groups, cells, values, counted, skipped, first, last } = this;
    return {
      ...{ subjects: subjects.save(), groups: groups.save(), cells: cells.save() },
      ...{ values: values?.save(), counted, skipped, first, last },
    };
  }
}

/** A state as plain data. */
export interface SavedMeter {
  readonly subjects: SavedDictionary;
  readonly groups: SavedDictionary;
  readonly cells: SavedCells;
  readonly values: unknown;
  readonly counted: number;
  readonly skipped: number;
  readonly first: number;
  readonly last: number;
}

/** What the names of one dictionary are in another, to which they are added. */
function idsIn(names: Dictionary, other: Dictionary): number[] {
  return Array.from({ length: other.size }, (_, id) => names.addOf(other, id));
}
