import { CountCells } from '../core/count-cells.ts';
import type { EventList } from '../core/event-list.ts';
import { DAY, MINUTE } from '../core/time.ts';
import { ValueSums } from '../core/value-sums.ts';
import type { Day } from './rollup-day.ts';

/** The events of one subject and type on one UTC day. */
export interface MinuteGroup extends Day {
  /** Numbers of names in the list, or their ids in a store. */
  readonly subject: number;
  readonly type: number;
  /** Days since the epoch. */
  readonly day: number;
}

/** The events of a list by subject, type, day and minute; all are of type 0 where there are no types. */
export function minuteGroups(list: EventList): MinuteGroup[] {
  const { columns, fields, length } = list;
  const { time, subject, type } = columns;
  const hasTypes = fields.includes('type');
  const days = new CountCells();
  const groups = new Uint32Array(length);
  for (let i = 0; i < length; i++) {
    const start = Math.floor(time[i]! / DAY) * DAY;
    const group = days.rowOf(subject[i]!, hasTypes ? type[i]! : 0, start);
    days.count[group]!++;
    groups[i] = group;
  }
  // Days are put one behind the other, and each is sorted by minute: what is sorted is near, and needs no table of minutes.
  const next = startsOf(days);
  const keys = new Float64Array(length);
  for (let i = 0; i < length; i++) {
    const group = groups[i]!;
    keys[next[group]!++] = Math.floor((time[i]! - days.start[group]!) / MINUTE) * length + i;
  }
  return Array.from({ length: days.size }, (_, group) => ({
    ...{ subject: days.subject[group]!, type: days.type[group]! },
    day: days.start[group]! / DAY,
    ...countMinutes(list, keys.subarray(next[group]! - days.count[group]!, next[group]!)),
  }));
}

const minutes = new Uint16Array(1440);
const counts = new Float64Array(1440);

/**
 * The minutes of a day.
 *
 * @param keys - Of each event its minute times the length of the list, and its place in that: numbers are sorted without
 *   calling back, which is several times as fast.
 */
function countMinutes({ columns, fields, length }: EventList, keys: Float64Array): Day {
  const { value, scale } = columns;
  const sums = fields.includes('value') ? new ValueSums() : undefined;
  let row = -1;
  for (const key of keys.sort()) {
    const minute = Math.floor(key / length);
    if (row < 0 || minutes[row] !== minute) {
      minutes[++row] = minute;
      counts[row] = 0;
    }
    counts[row]!++;
    const i = key - minute * length;
    sums?.add(row, value[i]!, scale[i]!);
  }
  return {
    minute: minutes.slice(0, row + 1),
    count: counts.slice(0, row + 1),
    values: sums && Array.from({ length: row + 1 }, (_, at) => sums.totals(at)),
  };
}

/**
 * The same by what the names are in a store; of type 0 where there are no types.
 *
 * @param nameIds - What the list's numbers of names are there.
 */
export function storedGroups(list: EventList, nameIds: Uint32Array): MinuteGroup[] {
  const hasTypes = list.fields.includes('type');
  return minuteGroups(list).map((group) => ({
    ...group,
    subject: nameIds[group.subject]!,
    type: hasTypes ? nameIds[group.type]! : 0,
  }));
}

/** Where the rows of each day begin, where they stand one day behind the other. */
function startsOf({ size, count }: CountCells): Uint32Array {
  const starts = new Uint32Array(size);
  for (let day = 1; day < size; day++) starts[day] = starts[day - 1]! + count[day - 1]!;
  return starts;
}
