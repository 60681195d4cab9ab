import { createHash } from 'node:crypto';
import { Dictionary } from '../../src/core/dictionary.ts';
import { EventBatch } from '../../src/core/event-batch.ts';
import { type EventField, EventList } from '../../src/core/event-list.ts';
import type { SegmentReject } from '../../src/core/rejects.ts';
import type { Commit, Stream } from '../../src/core/store.ts';

/** An event as tests write it; what is left out is empty. */
export interface TestRow {
  readonly time: number;
  readonly subject: string | Uint8Array;
  readonly type?: string;
  readonly object?: string;
  readonly kind?: number;
  readonly value?: bigint;
  readonly scale?: number;
  readonly id?: string;
  readonly data?: string;
}

/** A stream with every column there is. */
export const EVERY_FIELD: Stream = {
  name: 'events',
  format: 'csv',
  options: { columns: { subject: 1 } },
  fields: ['object', 'type', 'kind', 'value', 'id', 'data'],
};

/** Bytes that each of a commit's records takes. */
export const ROW_BYTES = 10;

/** Events that stand ten bytes and a line apart, from a byte of their input on. */
export function listOf(
  fields: readonly EventField[],
  rows: readonly TestRow[],
  from = 0,
): EventList {
  const list = new EventList(fields);
  const names = new Dictionary();
  for (let first = 0; first < rows.length; first += EventBatch.CAPACITY) {
    const batch = new EventBatch();
    batch.names = names;
    for (const [i, row] of rows.slice(first, first + EventBatch.CAPACITY).entries()) {
      const { time, subject, object = '', type = '', kind = 0, value = 0n, scale = 0 } = row;
      batch.time[i] = time;
      batch.subject[i] = idOf(names, subject);
      batch.object[i] = idOf(names, object);
      batch.type[i] = idOf(names, type);
      batch.kind[i] = kind;
      batch.value[i] = value;
      batch.scale[i] = scale;
      batch.line[i] = first + i + 1;
      batch.position[i] = from + (first + i) * ROW_BYTES;
      const id = Buffer.from(row.id ?? '');
      batch.id.append(id, 0, id.length);
      const data = Buffer.from(row.data ?? '');
      batch.data.append(data, 0, data.length);
      batch.length++;
    }
    list.append(batch);
  }
  return list;
}

/** A commit of some records, all of them events but for those that are named as rejects. */
export function commitOf(
  rows: readonly TestRow[],
  others: Partial<Commit> & { readonly fields?: readonly EventField[] } = {},
): Commit {
  const { fields = EVERY_FIELD.fields, from = 0, rejects = [], ...rest } = others;
  const to = from + (rows.length + rejects.length) * ROW_BYTES;
  return {
    ...{ stream: EVERY_FIELD.name, input: undefined, name: 'a.csv', isRest: false, blank: 0 },
    head: { bytes: 3, digest: digestOf('abc') },
    digest: digestOf(to === 0 ? '' : `${to}`),
    lines: rows.length + rejects.length,
    events: listOf(fields, rows, from),
    rejected: Map.groupBy(rejects, ({ reason }) => reason)
      .entries()
      .reduce((counts, [reason, all]) => counts.set(reason, all.length), new Map<string, number>()),
    decoder: undefined,
    ...rest,
    ...{ from, to, rejects },
  };
}

/** A reject that stands behind so many records. */
export function rejectBehind(rows: number, from = 0, text = 'x'): SegmentReject {
  return { line: rows + 1, offset: from + rows * ROW_BYTES, reason: 'time', text };
}

export function digestOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function idOf(names: Dictionary, name: string | Uint8Array): number {
  const bytes = Buffer.from(name);
  return names.add(bytes, 0, bytes.length);
}
