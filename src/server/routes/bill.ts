import * as z from 'zod';
import { openBill } from '../../open/open-bill.ts';
import { ownSubjects } from '../access.ts';
import { tableAnswer } from '../answers.ts';
import { type Api, rangeQuery, type ServerContext, words } from '../api.ts';
import { tellReport } from '../completeness.ts';
import { pageQuery, questionOf } from '../pages.ts';
import { sendReport } from '../send-report.ts';

const USER = {
  name: z.string(),
  sessions: z.int(),
  seconds: z.number(),
  carried: z.int().optional().describe('Sessions that began before the range.'),
};

const SESSION = {
  name: z.string(),
  start: z.string(),
  end: z.string(),
  seconds: z.number(),
  start_basis: z.string().describe('Where the start is from: a record, or what stands for one.'),
  end_basis: z.string(),
  start_input: z.string().nullable(),
  start_line: z.int().nullable(),
  start_offset: z.int().nullable().describe('In bytes.'),
  end_input: z.string().nullable(),
  end_line: z.int().nullable(),
  end_offset: z.int().nullable(),
};

/** What users owe, and why. */
export function bill(api: Api, context: ServerContext): void {
  api.route({
    method: 'GET',
    url: '/api/v1/bill',
    config: { scope: 'read', own: true },
    schema: {
      summary: 'Sessions and seconds of users.',
      querystring: z.strictObject({
        ...rangeQuery,
        subject: words.describe('Whose; everybody unless given.'),
        ...pageQuery,
      }),
      response: tableAnswer(USER),
    },
    async handler(request, reply) {
      const { subject, ...query } = questionOf(request.query);
      const names = ownSubjects(request, subject);
      const completeness = await tellReport(context, reply, query, ['session-log']);
      const report = await openBill({ ...query, files: [], store: context.path, names });
      return sendReport(request, reply, report, completeness);
    },
  });
  api.route({
    method: 'GET',
    url: '/api/v1/bill/:subject/sessions',
    config: { scope: 'read', own: true },
    schema: {
      summary: 'The sessions that a bill is made of, with the lines that they come from.',
      params: z.strictObject({
        subject: z
          .string()
          .min(1)
          .meta({ examples: ['acme'] }),
      }),
      querystring: z.strictObject({ ...rangeQuery, ...pageQuery }),
      response: tableAnswer(SESSION),
    },
    async handler(request, reply) {
      const names = ownSubjects(request, [request.params.subject]);
      const query = questionOf(request.query);
      const asked = { ...query, files: [], store: context.path, names, explain: true };
      const completeness = await tellReport(context, reply, query, ['session-log']);
      const report = await openBill(asked);
      return sendReport(request, reply, report, completeness);
    },
  });
}
