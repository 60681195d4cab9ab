import { EventBatch } from '../../core/event-batch.ts';
import type { EventField, EventList } from '../../core/event-list.ts';
import type { MinuteCount, StoreQuery } from '../../core/store.ts';
import { HOUR, MINUTE } from '../../core/time.ts';
import type { TimeRange } from '../../core/time-range.ts';
import { ValueSums } from '../../core/value-sums.ts';

/** An event as an object. Texts are as Latin-1, so that every byte of a name is told from every other. */
export interface MemoryEvent {
  readonly time: number;
  readonly subject: string;
  readonly object: string;
  readonly type: string;
  readonly kind: number;
  readonly value: bigint;
  readonly scale: number;
  readonly id: string;
  readonly data: string;
  /** Whether it told no time, and was given one. */
  readonly isUntimed: boolean;
  readonly line: number;
  readonly position: number;
}

/** The events of a list as objects; what it has no column of is empty. */
export function readEvents(
  { columns, names, ids, data, fields, length }: EventList,
  untimed?: ReadonlySet<number>,
): MemoryEvent[] {
  const nameOf = (id: number) => textOf(names!.bytesOf(id));
  const has = (field: EventField) => fields.includes(field);
  return Array.from({ length }, (_, i) => ({
    time: columns.time[i]!,
    subject: nameOf(columns.subject[i]!),
    object: has('object') ? nameOf(columns.object[i]!) : '',
    type: has('type') ? nameOf(columns.type[i]!) : '',
    kind: has('kind') ? columns.kind[i]! : 0,
    value: has('value') ? columns.value[i]! : 0n,
    scale: has('value') ? columns.scale[i]! : 0,
    id: has('id') ? textOf(ids.bytesOf(i)) : '',
    data: has('data') ? textOf(data.bytesOf(i)) : '',
    isUntimed: untimed?.has(i) ?? false,
    line: columns.line[i]!,
    position: columns.position[i]!,
  }));
}

/** Events as batches; those outside of a range are only counted. */
export function* fillBatches(
  events: readonly MemoryEvent[],
  fields: readonly EventField[],
  batch: EventBatch,
  range: TimeRange,
): Generator<EventBatch> {
  for (const event of events) {
    if (event.time < range.from || event.time >= range.to) {
      batch.others++;
      continue;
    }
    push(batch, event, fields);
    if (batch.length < EventBatch.CAPACITY) continue;
    yield batch;
    batch.clear();
  }
  if (batch.length + batch.others > 0) yield batch;
  batch.clear();
}

/** How many events there are of each subject and type in each minute, or hour, that begins in a range. */
export function* minutesOf(
  events: readonly MemoryEvent[],
  fields: readonly EventField[],
  { from, to, subjects }: StoreQuery,
  unit: 'minute' | 'hour',
): Generator<MinuteCount[]> {
  const asked = subjects && new Set(subjects.map((subject) => textOf(Buffer.from(subject))));
  const groups = Map.groupBy(events, ({ time, subject, type }) =>
    JSON.stringify([subject, type, startOf(time, unit)]),
  );
  for (const group of groups.values()) {
    const { subject, type, time } = group[0]!;
    const start = startOf(time, unit);
    if (start < from || start >= to || asked?.has(subject) === false) continue;
    const sums = new ValueSums();
    for (const { value, scale } of group) sums.add(0, value, scale);
    const values = fields.includes('value') ? sums.totals(0) : undefined;
    const names = { subject: shown(subject), type: shown(type) };
    yield [{ ...names, start, count: group.length, values }];
  }
}

function push(batch: EventBatch, event: MemoryEvent, fields: readonly EventField[]): void {
  const i = batch.length++;
  for (const column of ['time', 'line', 'position', 'kind', 'scale'] as const)
    batch[column][i] = event[column];
  batch.value[i] = event.value;
  for (const column of ['subject', 'object', 'type'] as const) {
    const name = Buffer.from(event[column], 'latin1');
    if (column === 'subject' || fields.includes(column))
      batch[column][i] = batch.names.add(name, 0, name.length);
  }
  for (const column of ['id', 'data'] as const) {
    const text = Buffer.from(event[column], 'latin1');
    if (fields.includes(column)) batch[column].append(text, 0, text.length);
  }
}

function startOf(time: number, unit: 'minute' | 'hour'): number {
  const lengthMs = { minute: MINUTE, hour: HOUR }[unit];
  return Math.floor(time / lengthMs) * lengthMs;
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('latin1');
}

/** Latin-1 back to what it was, which is UTF-8. */
function shown(text: string): string {
  return Buffer.from(text, 'latin1').toString();
}
