import * as z from 'zod';
import type { Row } from '../../core/table.ts';
import { openHosts, openTop } from '../../open/open-connections.ts';
import { tableAnswer } from '../answers.ts';
import { type Api, rangeQuery, type ServerContext } from '../api.ts';
import { tellReport } from '../completeness.ts';
import { pageOf, pageQuery, pageRows, questionOf } from '../pages.ts';
import { sendReport } from '../send-report.ts';

/** Which cell of a row of the busiest hosts says how busy. */
const CONNECTIONS = 1;

/** Who connected to whom. */
export function connections(api: Api, context: ServerContext): void {
  const { path } = context;
  api.route({
    method: 'GET',
    url: '/api/v1/hosts/:host',
    config: { scope: 'read' },
    schema: {
      summary: 'Who connected to a host, and to whom it connected.',
      params: z.strictObject({
        host: z
          .string()
          .min(1)
          .meta({ examples: ['Sabos'] }),
      }),
      querystring: z.strictObject({
        ...rangeQuery,
        direction: z.enum(['in', 'out', 'both']).optional(),
        ...pageQuery,
      }),
      response: tableAnswer({ host: z.string(), inbound: z.int(), outbound: z.int() }),
    },
    async handler(request, reply) {
      const { host } = request.params;
      const query = questionOf(request.query);
      const completeness = await tellReport(context, reply, query, ['connection-log']);
      const report = await openHosts({ ...query, files: [], store: path, host });
      return sendReport(request, reply, report, completeness);
    },
  });
  api.route({
    method: 'GET',
    url: '/api/v1/top',
    config: { scope: 'read' },
    schema: {
      summary: 'The busiest hosts, and all that tie with the last of them.',
      querystring: z.strictObject({
        ...rangeQuery,
        by: z.enum(['sent', 'received', 'either']).optional(),
        ...pageQuery,
        limit: z.coerce
          .number()
          .int()
          .min(1)
          .max(100_000)
          .optional()
          .describe(
            'How many, and all that tie with the last of them; Link says where the next are.',
          ),
      }),
      response: tableAnswer({ host: z.string(), connections: z.int() }),
    },
    async handler(request, reply) {
      const query = questionOf(request.query);
      const limit = pageRows(request.query);
      const completeness = await tellReport(context, reply, query, ['connection-log']);
      const report = await openTop({ ...query, files: [], store: path });
      return sendReport(request, reply, report, completeness, async (whole) => {
        const isTied = (row: Row, last: Row) => row[CONNECTIONS] === last[CONNECTIONS];
        const page = await pageOf(request, reply, whole, isTied);
        return limit === undefined ? page : { ...page, parameters: { ...page.parameters, limit } };
      });
    },
  });
}
