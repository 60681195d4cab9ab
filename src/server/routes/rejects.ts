import * as z from 'zod';
import { listRejectPage, listRejects } from '../../open/open-rejects.ts';
import { tableAnswer } from '../answers.ts';
import { type Api, type ServerContext, words } from '../api.ts';
import { changed, linkNext, pageQuery, pageRows, placeOf } from '../pages.ts';
import { acceptedType, sendTable } from '../send-report.ts';

const REJECT = {
  source: z.string(),
  input: z.string(),
  line: z.int(),
  offset: z.int().describe('In bytes from the start of the input.'),
  reason: z.string(),
  text: z.string().describe('How the record begins.'),
};

const PLACE = z.object({ source: z.string(), input: z.int(), offset: z.int() });

/** What was refused, and why. */
export function rejects(api: Api, { path: store }: ServerContext): void {
  api.route({
    method: 'GET',
    url: '/api/v1/rejects',
    config: { scope: 'read' },
    schema: {
      summary: 'Records that were refused, each with its place and reason.',
      querystring: z.strictObject({
        source: z.string().min(1).optional().describe('Of this source only.'),
        reason: words.describe('Of these reasons only.'),
        ...pageQuery,
      }),
      response: tableAnswer(REJECT),
    },
    async handler(request, reply) {
      const { source, reason: reasons } = request.query;
      // Of one version: stretches become one meanwhile.
      const asked = { store, source, reasons };
      const type = acceptedType(request);
      const limit = pageRows(request.query);
      if (limit === undefined) {
        await listRejects(asked, (table) => sendTable(reply, table, type));
        return reply;
      }
      const after = placeOf(request, PLACE);
      const page = await listRejectPage(asked, { limit, after });
      if (!page) throw changed();
      if (page.next) linkNext(request, reply, page.next);
      await sendTable(reply, page.table, type);
      return reply;
    },
  });
}
