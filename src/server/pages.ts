import { hash } from 'node:crypto';
import { setImmediate as eventLoopTurn } from 'node:timers/promises';
import type { FastifyReply, FastifyRequest } from 'fastify';
import * as z from 'zod';
import { cellText } from '../core/cell.ts';
import type { Row, Table } from '../core/table.ts';
import { queryProblem, RequestError } from './problem.ts';

/** Rows of a page at most, so that it can be held until it is known whether more come. */
const MOST_ROWS = 10_000;
/** Of a page that does not say how many it wants. */
const USUAL_ROWS = 1000;
/** Rows that lie before a page at most, since they are made again for each. */
const MOST_BEFORE = 10_000_000;
/** How often to let others have their turn. */
const PORTIONS_PER_TURN = 16;
const PRINT_CHARACTERS = 16;

const cursor = z
  .string()
  .min(1)
  .max(4096)
  .optional()
  .describe('Where to go on: as the header Link of the page before says.');

/** Query of what can be asked page by page. */
export const pageQuery = {
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(MOST_ROWS)
    .optional()
    .describe('Rows of a page; where there are more, the header Link says how to go on.'),
  cursor,
};

/** What `pageQuery` reads. */
export interface PageQuery {
  readonly limit?: number | undefined;
  readonly cursor?: string | undefined;
}

/** What is asked, whatever the page. */
export function questionOf<Query extends PageQuery>({
  limit: _,
  cursor: __,
  ...question
}: Query): Omit<Query, keyof PageQuery> {
  return question;
}

/** How many rows a page has; undefined where no page is asked for. */
export function pageRows({ limit, cursor }: PageQuery): number | undefined {
  return limit ?? (cursor === undefined ? undefined : USUAL_ROWS);
}

/**
 * The place where a page goes on; undefined at the start.
 *
 * @param place - What a place is.
 * @throws RequestError 400 - The cursor is none, or of another question.
 */
export function placeOf<Place>(
  request: FastifyRequest,
  place: z.ZodType<Place>,
): Place | undefined {
  const { cursor } = request.query as PageQuery;
  if (cursor === undefined) return undefined;
  const found = z.tuple([z.string(), place]).safeParse(parsed(cursor));
  if (!found.success) throw queryProblem('cursor', 'the cursor is none that was given out');
  const [print, at] = found.data;
  if (print === printOf(request)) return at as Place;
  throw queryProblem('cursor', 'the cursor is of another question: only limit may differ');
}

function parsed(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    return undefined;
  }
}

/** Says where the next page goes on (RFC 8288). */
export function linkNext(request: FastifyRequest, reply: FastifyReply, place: unknown): void {
  const cursor = Buffer.from(JSON.stringify([printOf(request), place])).toString('base64url');
  // A query may have question marks of its own.
  const [path, ...query] = request.url.split('?');
  const words = new URLSearchParams(query.join('?'));
  words.set('cursor', cursor);
  void reply.header('Link', `<${path}?${words}>; rel="next"`);
}

/** Tells a question from others, and who asks it from who sees something else. */
function printOf({ routeOptions, params, query, key }: FastifyRequest): string {
  const words = Object.entries(questionOf(query as PageQuery));
  const sorted = words.sort(([a], [b]) => (a < b ? -1 : 1));
  const question = JSON.stringify([routeOptions.url, params, sorted, key?.subjects]);
  return hash('sha256', question, 'base64url').slice(0, PRINT_CHARACTERS);
}

/** How many rows were had, and what tells the last of them. */
const ROW_PLACE = z.tuple([z.int().min(1), z.string()]);

/**
 * The page of a table that is asked for; the table where none is.
 *
 * @param isTied - Whether a row belongs on the page of the one before it, whatever the limit is.
 * @throws RequestError 400, or 409 where the rows before are not those of the page before any more.
 */
export async function pageOf(
  request: FastifyRequest,
  reply: FastifyReply,
  table: Table,
  isTied: (row: Row, last: Row) => boolean = () => false,
): Promise<Table> {
  const limit = pageRows(request.query as PageQuery);
  if (limit === undefined) return table;
  const [before, name] = placeOf(request, ROW_PLACE) ?? [0];
  if (before > MOST_BEFORE)
    throw queryProblem('cursor', `pages go on up to row ${MOST_BEFORE}; ask for a smaller range`);
  const page: Row[] = [];
  let at = 0;
  let portions = 0;
  reading: for await (const rows of table.rows) {
    if (++portions % PORTIONS_PER_TURN === 0) await eventLoopTurn();
    if (reply.raw.destroyed) break; // hung up meanwhile
    for (const row of rows) {
      at++;
      const last = page.at(-1);
      if (at === before && nameOf(row, table) !== name) throw changed();
      if (at <= before) continue;
      if (last !== undefined && page.length >= limit && !isTied(row, last)) {
        linkNext(request, reply, [at - 1, nameOf(last, table)]);
        break reading;
      }
      page.push(row);
    }
  }
  if (at < before) throw changed();
  return { ...table, rows: [page] };
}

/** What tells a row from others: its names and times, not its numbers, which may grow. */
function nameOf(row: Row, table: Table): string {
  const cells = table.columns.flatMap((column, i) =>
    column.kind === 'text' || column.kind === 'instant' || column.kind === 'clock'
      ? [cellText(row[i] ?? null, column, table)]
      : [],
  );
  return hash('sha256', JSON.stringify(cells), 'base64url').slice(0, PRINT_CHARACTERS);
}

/** What to say where a page cannot go on where the one before ended. */
export function changed(): RequestError {
  return new RequestError(
    409,
    'what is listed has changed since the page before; begin anew, or ask for a range that is final',
  );
}
