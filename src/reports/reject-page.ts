import type { Store } from '../core/store.ts';
import type { Row, Table } from '../core/table.ts';
import { headOf, inputsAsked, type RejectQuery } from './stored-rejects.ts';

/** Where a reject stands: of each place in an input there is one at most. */
interface RejectPlace {
  readonly source: string;
  /** Id of the input. */
  readonly input: number;
  /** In bytes from the input's start. */
  readonly offset: number;
}

/** Which of the rejects to list. */
export interface RejectPageQuery {
  readonly limit: number;
  /** Those behind this one; from the first on unless given. */
  readonly after?: RejectPlace | undefined;
}

/** Some rejects, and the last of them if there are more. */
export interface RejectPage {
  readonly table: Table;
  readonly next: RejectPlace | undefined;
}

/**
 * A page of the records of a store that were refused, in the order of `storedRejects`. What is in front of it is not
 * read, but for the stretch in which it begins.
 *
 * @returns Undefined where the input of the place is there no more.
 * @throws DaybookError `STORE_UNUSABLE`, or `USAGE` where there is no such source.
 */
export async function rejectPage(
  store: Store,
  query: RejectQuery,
  { limit, after }: RejectPageQuery,
): Promise<RejectPage | undefined> {
  const all = await inputsAsked(store, query);
  const inputs = all.flatMap(([source, some]) => some.map((input) => ({ source, ...input })));
  const begin = after ? inputs.findIndex(({ id }) => id === after.input) : 0;
  if (begin < 0) return undefined;
  const rows: Row[] = [];
  let last: RejectPlace | undefined;
  const page = (next?: RejectPlace) => ({
    table: { ...headOf(query, all), rows: [rows], notes: [] },
    next,
  });
  for (const { source, id, name } of inputs.slice(begin)) {
    const done = id === after?.input ? after.offset : -1;
    let linesBefore = 0;
    for (const segment of await store.segments(id)) {
      const isBehind = segment.to > done;
      for await (const reject of isBehind ? store.rejects(segment.id) : []) {
        const { line, offset, reason, text } = reject;
        if (offset <= done || query.reasons?.includes(reason) === false) continue;
        if (rows.length === limit) return page(last);
        rows.push([source, name, linesBefore + line, offset, reason, text]);
        last = { source, input: id, offset };
      }
      linesBefore += segment.lines;
    }
  }
  return page();
}
