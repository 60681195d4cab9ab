import { booksOf } from '../core/books.ts';
import type { Reject } from '../core/rejects.ts';
import type { Store, StoredInput, StoredSegment } from '../core/store.ts';
import type { Note, Parameter, Row, Table } from '../core/table.ts';

/** Which rejects are asked for. */
export interface RejectQuery {
  /** Of this source only. */
  readonly source?: string | undefined;
  /** Of these reasons only. */
  readonly reasons?: readonly string[] | undefined;
}

/** Rows handed over at a time. */
const PORTION_ROWS = 1000;

/**
 * The records of a store that were refused, each with its place and reason, also those in conflict with others. In the
 * order of sources by name, of inputs by rank, and of the records.
 *
 * @throws DaybookError `STORE_UNUSABLE`, or `USAGE` where there is no such source.
 */
export async function storedRejects(store: Store, query: RejectQuery): Promise<Table> {
  const inputs = await inputsAsked(store, query);
  const notes: Note[] = [];
  return { ...headOf(query, inputs), rows: rowsOf(store, inputs, query, notes), notes };
}

/** A source, and its inputs by rank. */
type InputsOf = readonly [source: string, inputs: readonly StoredInput[]];

/** The inputs whose rejects are asked for, in the order of these. */
export async function inputsAsked(store: Store, { source }: RejectQuery): Promise<InputsOf[]> {
  const sources = source === undefined ? await namesOf(store) : [source];
  const inputs: InputsOf[] = [];
  for (const name of sources) inputs.push([name, await store.inputs(name)]);
  return inputs;
}

/** What a list of rejects says besides these. */
export function headOf(
  query: RejectQuery,
  inputs: readonly InputsOf[],
): Omit<Table, 'rows' | 'notes'> {
  return {
    report: 'rejects',
    parameters: parametersOf(query),
    columns: [
      { name: 'source', kind: 'text' },
      { name: 'input', kind: 'text' },
      { name: 'line', kind: 'integer' },
      { name: 'offset', kind: 'integer' },
      { name: 'reason', kind: 'text' },
      { name: 'text', kind: 'text' },
    ],
    books: booksOf(inputs.flatMap(([, some]) => some)),
    zone: 'UTC',
  };
}

/**
 * The rejects of some inputs as far as they are kept, in portions, in the order of the inputs and of their records.
 *
 * @throws DaybookError `STORE_UNUSABLE`
 */
export async function* rejectsOf(
  store: Store,
  inputs: readonly Pick<StoredInput, 'id' | 'name'>[],
): AsyncGenerator<Reject[]> {
  let portion: Reject[] = [];
  for (const { id, name: input } of inputs) {
    let linesBefore = 0;
    for (const segment of await store.segments(id)) {
      for await (const { line, ...reject } of store.rejects(segment.id)) {
        portion.push({ input, line: linesBefore + line, ...reject });
        if (portion.length < PORTION_ROWS) continue;
        yield portion;
        portion = [];
      }
      linesBefore += segment.lines;
    }
  }
  if (portion.length > 0) yield portion;
}

async function namesOf(store: Store): Promise<string[]> {
  const names = (await store.streams()).map(({ name }) => name);
  return names.sort();
}

function parametersOf({ source, reasons }: RejectQuery): Record<string, Parameter> {
  return { ...(source !== undefined && { source }), ...(reasons && { reasons }) };
}

/** @param notes - Gets what is to be known, when all rows were read. */
async function* rowsOf(
  store: Store,
  sources: readonly InputsOf[],
  { reasons }: RejectQuery,
  notes: Note[],
): AsyncGenerator<readonly Row[]> {
  const isAsked = (reason: string) => reasons === undefined || reasons.includes(reason);
  let unlisted = 0;
  for (const [source, inputs] of sources) {
    for (const { id } of inputs)
      for (const segment of await store.segments(id)) unlisted += refusedIn(segment, isAsked);
    for await (const rejects of rejectsOf(store, inputs)) {
      const asked = rejects.filter(({ reason }) => isAsked(reason));
      unlisted -= asked.length;
      yield asked.map(({ input, line, offset, reason, text }) => [
        ...[source, input, line, offset, reason, text],
      ]);
    }
  }
  if (unlisted === 0) return;
  const message = `${unlisted} more are only counted: of many in one stretch of an input the first are kept`;
  notes.push({ code: 'unlisted', message, count: unlisted });
}

function refusedIn(
  { rejected, conflict }: StoredSegment,
  isAsked: (reason: string) => boolean,
): number {
  const counts = Object.entries(rejected).filter(([reason]) => isAsked(reason));
  return counts.reduce((sum, [, count]) => sum + count, isAsked('conflict') ? conflict : 0);
}
