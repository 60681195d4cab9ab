import type { CountResult } from '../aggregations/counts.ts';
import { Buckets } from '../core/buckets.ts';
import type { RunField } from '../core/event-list.ts';
import type { EventStream } from '../core/report.ts';
import type { Input } from '../core/source.ts';
import type { Cell, Column, Row } from '../core/table.ts';
import { decimalText } from '../core/value-sums.ts';
import type { CountView } from './counts.ts';
import { PLACE_COLUMNS, placeOf } from './event-place.ts';

/** What an explanation of counts is to show. */
interface ExplainedView extends Pick<CountView, 'interval' | 'zone'> {
  /** Which of type and value there are. */
  readonly fields: readonly RunField[];
  readonly inputs: readonly Input[];
}

/** The columns of counts told event by event. */
export function explainedCountColumns(fields: readonly RunField[]): Column[] {
  return [
    { name: 'subject', kind: 'text' },
    { name: 'window_start', kind: 'instant' },
    { name: 'time', kind: 'instant' },
    ...(fields.includes('type') ? [{ name: 'type', kind: 'text' } as const] : []),
    ...(fields.includes('value') ? [{ name: 'value', kind: 'decimal' } as const] : []),
    ...PLACE_COLUMNS,
  ];
}

/** Every event that is counted. At the end they are checked against the counts: a difference is a bug. */
export async function* explainedCounts(
  { counted }: CountResult,
  events: EventStream,
  { interval, zone, fields, inputs }: ExplainedView,
): AsyncGenerator<Row[]> {
  const buckets = new Buckets({ every: interval, align: 'clock', zone });
  let told = 0;
  for await (const batch of events) {
    const { names, time, subject, type, value, scale } = batch;
    const cells: Partial<Record<RunField, (i: number) => Cell>> = {
      type: (i) => names.nameOf(type[i]!),
      value: (i) => decimalText({ digits: value[i]!, scale: scale[i]! }),
    };
    const others = fields.map((field) => cells[field]!);
    yield Array.from({ length: batch.length }, (_, i) => [
      names.nameOf(subject[i]!),
      buckets.startOf(time[i]!),
      time[i]!,
      ...others.map((cellOf) => cellOf(i)),
      ...placeOf(batch, i, inputs),
    ]);
    told += batch.length;
  }
  if (told !== counted)
    throw new Error(`the explanation does not add up: ${told} events, counted ${counted}`);
}
