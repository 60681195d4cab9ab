import * as z from 'zod';
import { booksOf } from '../../core/books.ts';
import type { StoredInput } from '../../core/store.ts';
import { formatInstant } from '../../core/time.ts';
import { BOOKS } from '../answers.ts';
import type { Api, ServerContext } from '../api.ts';
import { COMPLETENESS, completeThrough } from '../completeness.ts';
import { changed, linkNext, pageQuery, pageRows, placeOf } from '../pages.ts';
import { RequestError } from '../problem.ts';

const INPUT = z.object({
  source: z.string(),
  name: z.string().describe('As it was called when it was last read.'),
  bytes: z.number().describe('How far it is counted, decompressed.'),
  digest: z.string().describe('SHA-256 of these bytes in hex: who the input is.'),
  first_time: z.string().nullable().describe('Time of its first event.'),
  last_time: z.string().nullable(),
  books: BOOKS,
});

const SOURCE = z.object({
  source: z.string(),
  complete_through: COMPLETENESS.complete_through,
  lag_seconds: z
    .number()
    .nullable()
    .describe('How long ago that is, where the source is followed; null of others.'),
});

/** What was read, how far, and what became of its records. */
export function inputs(api: Api, context: ServerContext): void {
  const { store } = context;
  api.route({
    method: 'GET',
    url: '/api/v1/inputs',
    config: { scope: 'read' },
    schema: {
      summary: 'What was read, how far, and what became of its records.',
      querystring: z.strictObject({
        source: z.string().min(1).optional().describe('Of this source only.'),
        ...pageQuery,
      }),
      response: { 200: z.object({ sources: z.array(SOURCE), inputs: z.array(INPUT) }) },
    },
    async handler(request, reply) {
      const { source } = request.query;
      const streams = (await store.streams()).map(({ name }) => name).sort();
      if (source !== undefined && !streams.includes(source))
        throw new RequestError(404, `there is no source ${source}`);
      const asked = source === undefined ? streams : [source];
      const found: { source: string; input: StoredInput }[] = [];
      for (const name of asked)
        for (const input of await store.inputs(name)) found.push({ source: name, input });
      const after = placeOf(request, z.int());
      const begin =
        after === undefined ? 0 : found.findIndex(({ input }) => input.id === after) + 1;
      if (after !== undefined && begin === 0) throw changed();
      const end = begin + (pageRows(request.query) ?? found.length);
      const page = found.slice(begin, end);
      if (end < found.length) linkNext(request, reply, page.at(-1)!.input.id);
      return {
        sources: await Promise.all(asked.map((stream) => sourceShown(context, stream))),
        inputs: page.map(({ source, input }) => inputShown(source, input)),
      };
    },
  });
}

async function sourceShown(
  context: ServerContext,
  source: string,
): Promise<z.infer<typeof SOURCE>> {
  const through = await completeThrough(context, [source]);
  const isLive = through !== undefined && context.completeThrough?.(source) !== undefined;
  return {
    source,
    complete_through: through === undefined ? null : formatInstant(through, 'UTC'),
    lag_seconds: isLive ? Math.max(0, context.now() - through) / 1000 : null,
  };
}

/** An input as it is told of. */
export function inputShown(source: string, input: StoredInput): z.infer<typeof INPUT> {
  const { name, position, digest, firstTime, lastTime } = input;
  const [first, last] = [firstTime, lastTime].map((time) =>
    time === undefined ? null : formatInstant(time, 'UTC'),
  );
  const books = booksOf([input]);
  return {
    ...{ source, name, bytes: position, digest },
    first_time: first ?? null,
    last_time: last ?? null,
    books: { ...books, rejected: { ...books.rejected } },
  };
}
