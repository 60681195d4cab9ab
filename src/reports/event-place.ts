import type { EventBatch } from '../core/event-batch.ts';
import type { Input } from '../core/source.ts';
import type { Cell, Column } from '../core/table.ts';

/** The columns that say where a record stands. */
export const PLACE_COLUMNS: readonly Column[] = [
  { name: 'input', kind: 'text' },
  { name: 'line', kind: 'integer' },
  { name: 'offset', kind: 'integer' },
];

/** Where the record of an event stands, as these columns have it. */
export function placeOf(batch: EventBatch, i: number, inputs: readonly Input[]): Cell[] {
  return [inputs[batch.input[i]!]!.name, batch.line[i]!, batch.position[i]!];
}
