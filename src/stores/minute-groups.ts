import { CountCells } from '../core/count-cells.ts';
import type { EventList } from '../core/event-list.ts';
import { DAY, MINUTE } from '../core/time.ts';
import { ValueSums } from '../core/value-sums.ts';
import type { Minute } from './rollup-day.ts';

/** The minutes of one subject and type on one UTC day, in order. */
export interface MinuteGroup {
  /** Numbers of names in the list. */
  readonly subject: number;
  readonly type: number;
  /** Days since the epoch. */
  readonly day: number;
  readonly minutes: Minute[];
}

/** The events of a list by subject, type, day and minute; all are of type 0 where there are no types. */
export function minuteGroups({ columns, fields, length }: EventList): MinuteGroup[] {
  const { time, subject, type, value, scale } = columns;
  const hasTypes = fields.includes('type');
  const values = fields.includes('value') ? new ValueSums() : undefined;
  const minutes = new CountCells();
  for (let i = 0; i < length; i++) {
    const start = Math.floor(time[i]! / MINUTE) * MINUTE;
    const row = minutes.rowOf(subject[i]!, hasTypes ? type[i]! : 0, start);
    minutes.count[row]!++;
    values?.add(row, value[i]!, scale[i]!);
  }
  const days = new CountCells();
  const groups: MinuteGroup[] = [];
  for (let row = 0; row < minutes.size; row++) {
    const start = minutes.start[row]!;
    const day = Math.floor(start / DAY);
    const group = days.rowOf(minutes.subject[row]!, minutes.type[row]!, day * DAY);
    groups[group] ??= {
      subject: minutes.subject[row]!,
      type: minutes.type[row]!,
      day,
      minutes: [],
    };
    const minute = (start - day * DAY) / MINUTE;
    groups[group].minutes.push({ minute, count: minutes.count[row]!, values: values?.totals(row) });
  }
  for (const group of groups) group.minutes.sort((a, b) => a.minute - b.minute);
  return groups;
}
