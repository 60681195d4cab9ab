import * as z from 'zod';
import { parseInterval } from '../../core/interval.ts';
import { openCounts } from '../../open/open-counts.ts';
import { ownSubjects } from '../access.ts';
import { tableAnswer } from '../answers.ts';
import { type Api, rangeQuery, readable, type ServerContext, words } from '../api.ts';
import { tellReport } from '../completeness.ts';
import { pageQuery, questionOf } from '../pages.ts';
import { sendReport } from '../send-report.ts';

const COUNT = {
  subject: z.string(),
  window_start: z.string(),
  count: z.int(),
  truncated: z.enum(['none', 'start', 'end', 'both']).describe('Where the range cuts the bucket.'),
  value: z.string().nullable().optional().describe('The total that was asked for, exact.'),
};

/** How many events there are of whom, in each bucket of the clock. */
export function counts(api: Api, context: ServerContext): void {
  api.route({
    method: 'GET',
    url: '/api/v1/counts',
    config: { scope: 'read', own: true },
    schema: {
      summary: 'Events of subjects in each bucket of the clock.',
      querystring: z.strictObject({
        ...rangeQuery,
        subject: words.describe('Whose; everybody unless given.'),
        type: words.describe('Of which types; all unless given.'),
        interval: readable((text) => parseInterval(text, 'clock'))
          .optional()
          .describe('1h unless given: 10s to 12h, 1d, 1w, 1mo.'),
        value: z.enum(['sum', 'min', 'max']).optional().describe('Which total of the values.'),
        ...pageQuery,
      }),
      response: tableAnswer(COUNT),
    },
    async handler(request, reply) {
      const { subject, type: types, ...query } = questionOf(request.query);
      const subjects = ownSubjects(request, subject);
      const asked = { ...query, files: [], store: context.path, subjects, types };
      const completeness = await tellReport(context, reply, query, ['csv', 'ndjson']);
      const report = await openCounts(asked);
      return sendReport(request, reply, report, completeness);
    },
  });
}
