import { EventBatch } from '../../src/core/event-batch.ts';
import type { SegmentReject } from '../../src/core/rejects.ts';
import type { MinuteCount, Store, StoreQuery, Stream } from '../../src/core/store.ts';
import { DAY } from '../../src/core/time.ts';
import { EVERYTHING, type TimeRange } from '../../src/core/time-range.ts';
import { decimalText, ValueSums } from '../../src/core/value-sums.ts';

/** An event that was read out of a store: columns that a stream has not are missing. */
export type ReadEvent = Record<string, string | number>;

/** What there is of an input, however it was cut: places are those in the whole of it. */
export interface UncutContent {
  readonly events: readonly ReadEvent[];
  readonly rejects: readonly SegmentReject[];
}

export async function uncutContentOf(
  store: Store,
  stream: Stream,
  input: number,
): Promise<UncutContent> {
  const events: ReadEvent[] = [];
  const rejects: SegmentReject[] = [];
  let linesBefore = 0;
  for (const segment of await store.segments(input)) {
    for (const event of await eventsOf(store, stream, segment.id))
      events.push({ ...event, line: Number(event['line']) + linesBefore });
    for await (const { line, ...reject } of store.rejects(segment.id))
      rejects.push({ ...reject, line: line + linesBefore });
    linesBefore += segment.lines;
  }
  return { events, rejects };
}

/** Everything in a store as plain data, but for its ids and cuts. */
export async function contentOf(store: Store): Promise<unknown[]> {
  const content: unknown[] = [];
  for (const stream of await store.streams()) {
    const inputs: unknown[] = [];
    for (const { id, ...input } of await store.inputs(stream.name)) {
      const forgotten = (await store.segments(id)).reduce((sum, one) => sum + one.forgotten!, 0);
      inputs.push({ ...input, forgotten, ...(await uncutContentOf(store, stream, id)) });
    }
    const query = { stream: stream.name, ...EVERYTHING };
    const around = await aroundOf(store, stream, query);
    const minutes = await minutesOf(store, query);
    const hours = await minutesOf(store, query, 'hour');
    const totals = await totalsOf(store, stream.name);
    content.push({ stream, inputs, minutes, hours, totals, around });
  }
  return content;
}

/** The hours with events of each subject that a stream has, or that tests use, of all types; those around these, too. */
export async function totalsOf(store: Store, stream: string): Promise<unknown[]> {
  const hours = (await Array.fromAsync(store.minutes({ stream, ...EVERYTHING }, 'hour'))).flat();
  const subjects = new Set([...hours.map(({ subject }) => subject), ...USUAL_SUBJECTS]);
  const days = new Set(hours.flatMap(({ start }) => [-1, 0, 1].map((day) => dayOf(start) + day)));
  const found: unknown[] = [];
  for (const subject of subjects)
    for (const day of days) {
      const counts = new Float64Array(24);
      await store.addHours({ stream, subject, from: day * DAY }, counts);
      if (counts.some((count) => count > 0)) found.push({ subject, day, counts: [...counts] });
    }
  return found.sort(byText);
}

const USUAL_SUBJECTS = ['ant', 'bee', 'constructor'];

function dayOf(time: number): number {
  return Math.floor(time / DAY);
}

/** The events of a segment in their order. */
export async function eventsOf(
  store: Store,
  stream: Stream,
  segment: number,
  range: TimeRange = EVERYTHING,
): Promise<ReadEvent[]> {
  const found: ReadEvent[] = [];
  for await (const batch of store.events(segment, new EventBatch(), range))
    found.push(...rowsOf(batch, stream));
  return found;
}

/** The events of a stream in a range, sorted. */
export async function aroundOf(
  store: Store,
  stream: Stream,
  query: StoreQuery,
): Promise<ReadEvent[]> {
  const found: ReadEvent[] = [];
  for await (const batch of store.around(query, new EventBatch()))
    for (const { line: _line, position: _position, ...event } of rowsOf(batch, stream))
      if (Number(event['time']) >= query.from && Number(event['time']) < query.to)
        found.push(event);
  return found.sort(byText);
}

/** Minutes, or hours, in a range, sorted and added up, with totals as decimals: how fine a store keeps them does not show. */
export async function minutesOf(
  store: Store,
  query: StoreQuery,
  unit?: 'minute' | 'hour',
): Promise<unknown[]> {
  const minutes = (await Array.fromAsync(store.minutes(query, unit))).flat();
  const same = Map.groupBy(minutes, ({ subject, type, start }) =>
    JSON.stringify([subject, type, start]),
  );
  return [...same.values()].map((some) => shownMinute(some.reduce(addedUp))).sort(byText);
}

function addedUp(one: MinuteCount, other: MinuteCount): MinuteCount {
  const sums = one.values && new ValueSums();
  for (const { values } of [one, other]) if (values) sums?.merge(0, values);
  return { ...one, count: one.count + other.count, values: sums?.totals(0) };
}

function shownMinute({ values, ...minute }: MinuteCount): object {
  if (values === undefined) return minute;
  const { scale, ...totals } = values;
  const texts = Object.entries(totals).map(([total, digits]) => [
    total,
    decimalText({ digits, scale }),
  ]);
  return { ...minute, values: Object.fromEntries(texts) };
}

function rowsOf(batch: EventBatch, { fields }: Stream): ReadEvent[] {
  const nameOf = (id: number) => Buffer.from(batch.names.bytesOf(id)).toString('latin1');
  return Array.from({ length: batch.length }, (_, i) => {
    const event: ReadEvent = {
      time: batch.time[i]!,
      subject: nameOf(batch.subject[i]!),
      line: batch.line[i]!,
      position: batch.position[i]!,
    };
    if (fields.includes('object')) event['object'] = nameOf(batch.object[i]!);
    if (fields.includes('type')) event['type'] = nameOf(batch.type[i]!);
    if (fields.includes('kind')) event['kind'] = batch.kind[i]!;
    if (fields.includes('value')) event['value'] = `${batch.value[i]!}/${batch.scale[i]!}`;
    for (const field of ['id', 'data'] as const)
      if (fields.includes(field))
        event[field] = Buffer.from(batch[field].bytesOf(i)).toString('latin1');
    return event;
  });
}

function byText(a: unknown, b: unknown): number {
  const [one, other] = [JSON.stringify(a), JSON.stringify(b)];
  return one < other ? -1 : Number(one > other);
}
