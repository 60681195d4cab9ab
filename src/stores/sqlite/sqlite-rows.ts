import type { StoredInput, StoredSegment, Stream } from '../../core/store.ts';
import { NO_BYTES } from '../no-bytes.ts';

/** Inputs, each with the sums of its segments, once it is said which, and that rows are grouped by their ids. */
export const INPUTS = `
  SELECT inputs.*,
    (SELECT json_array(to_byte, digest) FROM segments ${lastOf('inputs.id')}) AS reached,
    (SELECT json_array(to_byte, digest) FROM segments ${lastOf('inputs.id AND NOT is_rest')}) AS settled,
    coalesce(sum(lines), 0) AS lines, coalesce(sum(blank), 0) AS blank, coalesce(sum(counted), 0) AS counted,
    coalesce(sum(duplicate), 0) AS duplicate, coalesce(sum(conflict), 0) AS conflict,
    json_group_array(rejected) FILTER (WHERE rejected <> '{}') AS rejected,
    min(first_time) AS first_time, max(last_time) AS last_time,
    EXISTS (SELECT 1 FROM freed WHERE freed.input = inputs.id) AS is_replacing
  FROM inputs LEFT JOIN segments ON segments.input = inputs.id`;

/** Which segment is the last one of an input, SQL behind `FROM segments`; an index tells it, however many there are. */
export function lastOf(input: string): string {
  return `WHERE input = ${input} ORDER BY from_byte DESC, id DESC LIMIT 1`;
}

/** A row as it is found. */
type Found = Record<string, unknown>;

/** A stream out of its row. */
export function streamOf(row: Found): Stream {
  return {
    name: String(row['name']),
    format: String(row['format']),
    options: JSON.parse(String(row['options'])),
    fields: JSON.parse(String(row['fields'])),
    ...(row['gone_before'] !== null && { goneBefore: Number(row['gone_before']) }),
    ...(row['events_only'] === 1 && { eventsOnly: true }),
  };
}

/** An input out of a row of `INPUTS`. */
export function inputOf(row: Found): StoredInput {
  const rejected = new Map<string, number>();
  for (const some of JSON.parse(String(row['rejected'])) as string[])
    for (const [reason, count] of Object.entries(JSON.parse(some) as Record<string, number>))
      rejected.set(reason, (rejected.get(reason) ?? 0) + count);
  const number = (name: string) => Number(row[name]);
  const reached = endOf(row['reached']);
  const time = (name: string) => (row[name] === null ? undefined : Number(row[name]));
  return {
    id: number('id'),
    name: String(row['name']),
    ...reached,
    head: { bytes: number('head_bytes'), digest: String(row['head']) },
    settled: endOf(row['settled']),
    lines: number('lines'),
    blank: number('blank'),
    counted: number('counted'),
    duplicate: number('duplicate'),
    conflict: number('conflict'),
    rejected: Object.fromEntries(rejected),
    firstTime: time('first_time'),
    lastTime: time('last_time'),
    decoder: row['decoder'] === null ? undefined : JSON.parse(String(row['decoder'])),
    ...(row['is_unfinished'] === 1 && { isUnfinished: true }),
    ...(row['is_replacing'] === 1 && { isReplacing: true }),
  };
}

/** Where a segment ends, as `json_array` has it; the start of an input where there is none. */
function endOf(found: unknown): StoredInput['settled'] {
  if (found === null) return { position: 0, digest: NO_BYTES };
  const [position, digest] = JSON.parse(String(found)) as [number, string];
  return { position, digest };
}

/** A segment out of its row. */
export function segmentOf(row: Found): StoredSegment {
  const number = (name: string) => Number(row[name]);
  return {
    id: number('id'),
    from: number('from_byte'),
    to: number('to_byte'),
    lines: number('lines'),
    blank: number('blank'),
    counted: number('counted'),
    duplicate: number('duplicate'),
    conflict: number('conflict'),
    rejected: JSON.parse(String(row['rejected'])),
    forgotten: number('forgotten'),
  };
}
