import type { Run, RunChange } from '../core/run-history.ts';

/** How a column of a run history holds what it has. */
type RunColumnKind = 'text' | 'date' | 'number' | 'instant' | 'json';

/** What a table of runs has of a run. */
export interface RunColumn {
  readonly name: string;
  readonly key: keyof Run;
  readonly kind: RunColumnKind;
}

/** The columns of a table of runs, in their order. */
export const RUN_COLUMNS: readonly RunColumn[] = (
  [
    ['id', 'id', 'text'],
    ['report', 'report', 'text'],
    ['parameters', 'parameters', 'json'],
    ['as_of', 'asOf', 'date'],
    ['due', 'due', 'instant'],
    ['started', 'started', 'instant'],
    ['finished', 'finished', 'instant'],
    ['state', 'state', 'text'],
    ['rows', 'rows', 'number'],
    ['size_bytes', 'sizeBytes', 'number'],
    ['sha256', 'digest', 'text'],
    ['destination', 'destination', 'text'],
    ['key', 'key', 'text'],
    ['draft', 'draft', 'text'],
    ['error', 'error', 'text'],
    ['version', 'version', 'text'],
    ['inputs', 'inputs', 'json'],
    ['notes', 'notes', 'json'],
  ] as const
).map(([name, key, kind]) => ({ name, key, kind }));

/** The columns that a change names, with what they then hold; null for nothing. */
export function changedColumns(
  change: RunChange | Run,
): readonly { readonly column: RunColumn; readonly value: string | number | null }[] {
  return RUN_COLUMNS.filter(({ key }) => key in change).map((column) => {
    const value = (change as Partial<Run>)[column.key] ?? null;
    if (column.kind === 'json') return { column, value: JSON.stringify(value) };
    return { column, value: plain(value as string | number | null) };
  });
}

/** The run of a row, whose instants and numbers are whole numbers or text of such. */
export function runOf(row: Readonly<Record<string, unknown>>): Run {
  const known = RUN_COLUMNS.filter(({ name }) => row[name] !== null).map(({ name, key, kind }) => {
    const value = row[name];
    if (kind === 'json') return [key, JSON.parse(String(value))];
    return [key, kind === 'number' || kind === 'instant' ? Number(value) : String(value)];
  });
  return Object.fromEntries(known) as Run;
}

/** A value as databases take it: their texts end at a NUL, or are refused with one. */
export function plain<Value>(value: Value | string): Value | string {
  return typeof value === 'string' ? value.replaceAll('\0', '\uFFFD') : value;
}
