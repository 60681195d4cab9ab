import * as z from 'zod';
import { openStoredRejects } from '../../config/open-rejects.ts';
import { tableAnswer } from '../answers.ts';
import { type Api, type ServerContext, words } from '../api.ts';
import { acceptedType, sendTable } from '../send-report.ts';

const REJECT = {
  source: z.string(),
  input: z.string(),
  line: z.int(),
  offset: z.int().describe('In bytes from the start of the input.'),
  reason: z.string(),
  text: z.string().describe('How the record begins.'),
};

/** What was refused, and why. */
export function rejects(api: Api, { store }: ServerContext): void {
  api.route({
    method: 'GET',
    url: '/api/v1/rejects',
    config: { scope: 'read' },
    schema: {
      summary: 'Records that were refused, each with its place and reason.',
      querystring: z.strictObject({
        source: z.string().min(1).optional().describe('Of this source only.'),
        reason: words.describe('Of these reasons only.'),
      }),
      response: tableAnswer(REJECT),
    },
    async handler(request, reply) {
      const { source, reason: reasons } = request.query;
      const table = await openStoredRejects(store, { source, reasons });
      await sendTable(reply, table, acceptedType(request));
      return reply;
    },
  });
}
