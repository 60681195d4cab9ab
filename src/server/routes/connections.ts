import * as z from 'zod';
import { openHosts, openTop } from '../../config/open-connections.ts';
import { type Api, rangeQuery, type ServerContext } from '../api.ts';
import { tellReport } from '../completeness.ts';
import { sendReport } from '../send-report.ts';

/** Who connected to whom. */
export function connections(api: Api, context: ServerContext): void {
  const { path } = context;
  api.route({
    method: 'GET',
    url: '/api/v1/hosts/:host',
    config: { scope: 'read' },
    schema: {
      summary: 'Who connected to a host, and to whom it connected.',
      params: z.strictObject({ host: z.string().min(1) }),
      querystring: z.strictObject({
        ...rangeQuery,
        direction: z.enum(['in', 'out', 'both']).optional(),
      }),
    },
    async handler(request, reply) {
      const { host } = request.params;
      const report = await openHosts({ ...request.query, files: [], store: path, host });
      const completeness = await tellReport(context, reply, request.query, ['connection-log']);
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
        limit: z.coerce.number().int().min(1).max(100_000).optional(),
      }),
    },
    async handler(request, reply) {
      const report = await openTop({ ...request.query, files: [], store: path });
      const completeness = await tellReport(context, reply, request.query, ['connection-log']);
      return sendReport(request, reply, report, completeness);
    },
  });
}
