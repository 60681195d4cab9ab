import { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { setImmediate as eventLoopTurn } from 'node:timers/promises';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Report } from '../core/report.ts';
import type { Table } from '../core/table.ts';
import { runReport } from '../pipeline/batch/run-report.ts';
import { writers } from '../writers/index.ts';
import type { Completeness } from './completeness.ts';
import { hangUp } from './hang-up.ts';
import { ownTable } from './own-table.ts';
import { pageOf } from './pages.ts';
import { RequestError } from './problem.ts';
import { sendWhole } from './send-whole.ts';

/** Formats that an answer may have, by media type; the first one unless another is asked for. */
const FORMATS = {
  'application/json': 'json',
  'text/csv': 'csv',
  'application/x-ndjson': 'ndjson',
} as const;

/**
 * Answers with a report, row by row, or with the page of it that is asked for, in the format that the caller accepts.
 *
 * @param page - Cuts the page out of its table.
 * @throws DaybookError, or RequestError 406; where rows are on their way already, the connection is cut instead.
 */
export async function sendReport<Result>(
  request: FastifyRequest,
  reply: FastifyReply,
  report: Report<Result>,
  { final }: Pick<Completeness, 'final'> = { final: false },
  page: (table: Table) => Promise<Table> = (table) => pageOf(request, reply, table),
): Promise<FastifyReply> {
  const type = acceptedType(request);
  const signal = hangUp(reply);
  await runReport(report, { threads: 1, signal }, async (whole) => {
    const table = ownTable(request, await page(whole));
    await (final ? sendTagged(request, reply, table, type) : sendTable(reply, table, type));
  });
  return reply;
}

/** A longer answer is sent as it comes, without a tag. */
const MOST_TAGGED = 1 << 20;

/** Answers with a table that is final, with a tag if it is not long. */
async function sendTagged(
  request: FastifyRequest,
  reply: FastifyReply,
  table: Table,
  type: keyof typeof FORMATS,
): Promise<void> {
  const pieces = inPieces(table, type);
  const first: Buffer[] = [];
  let length = 0;
  for (let next = await pieces.next(); !next.done; next = await pieces.next()) {
    first.push(next.value);
    length += next.value.length;
    if (length > MOST_TAGGED) return sendPieces(reply, joined(first, pieces), type);
  }
  sendWhole(request, reply, { body: Buffer.concat(first), type, final: true });
}

/** Answers with a table, in the format that the caller accepts. */
export async function sendTable(
  reply: FastifyReply,
  table: Table,
  type: keyof typeof FORMATS,
): Promise<void> {
  await sendPieces(reply, inPieces(table, type), type);
}

async function sendPieces(
  reply: FastifyReply,
  pieces: AsyncIterable<Buffer>,
  type: keyof typeof FORMATS,
): Promise<void> {
  const body = Readable.from(pieces, { objectMode: false });
  void reply.type(`${type}; charset=utf-8`).send(body);
  // Who hangs up is not told anything any more.
  await finished(body).catch(() => {});
}

/**
 * Which of the formats a caller would like best.
 *
 * @throws RequestError 406
 */
export function acceptedType<Type extends string = keyof typeof FORMATS>(
  { headers }: Pick<FastifyRequest, 'headers'>,
  formats: readonly Type[] = Object.keys(FORMATS) as string[] as Type[],
): Type {
  const wanted = (headers.accept ?? '*/*').split(',').map((range) => {
    const [type = '', ...parameters] = range.split(';').map((word) => word.trim().toLowerCase());
    const weight = parameters.find((parameter) => parameter.startsWith('q='));
    return { type, weight: weight === undefined ? 1 : Number(weight.slice(2)) };
  });
  for (const { type } of wanted
    .filter(({ weight }) => weight > 0)
    .sort((a, b) => b.weight - a.weight)) {
    const format = formats.find(
      (known) => type === '*/*' || type === known || type === `${known.split('/')[0]}/*`,
    );
    if (format) return format;
  }
  throw new RequestError(406, `there is ${formats.join(', ')}`);
}

async function* inPieces(table: Table, type: keyof typeof FORMATS): AsyncGenerator<Buffer> {
  const pieces = writers[FORMATS[type]].render(table, { spreadsheetSafe: false, color: false });
  for await (const piece of pieces) {
    yield Buffer.from(piece);
    await eventLoopTurn(); // Who reads as fast as this is written would keep everybody else waiting.
  }
}

async function* joined(
  first: readonly Buffer[],
  rest: AsyncIterable<Buffer>,
): AsyncGenerator<Buffer> {
  yield* first;
  yield* rest;
}
