import * as z from 'zod';
import { runRecord } from '../../core/run-record.ts';
import { formatInstant } from '../../core/time.ts';
import type { Api, ServerContext } from '../api.ts';
import { RequestError } from '../problem.ts';
import { RUN } from '../run-schema.ts';

const REPORT = z.object({
  name: z.string(),
  scheduled: z.boolean(),
  next_due: z.string().nullable().describe('When its schedule asks for it next.'),
  last_run: RUN.nullable(),
});

/** The reports of the configuration, and how to have one made. */
export function reports(api: Api, { reports: desk, now }: ServerContext): void {
  api.route({
    method: 'GET',
    url: '/api/v1/reports',
    config: { scope: 'read' },
    schema: {
      summary: 'The reports of the configuration, when they are due, and what became of them.',
      response: { 200: z.object({ reports: z.array(REPORT) }) },
    },
    async handler() {
      const all = [...(desk?.reports ?? [])].map(async ([name, schedule]) => {
        const next = schedule?.next(now());
        const [last] = await desk!.history.list({ report: name, limit: 1 });
        return {
          name,
          scheduled: schedule !== undefined,
          next_due: next === undefined ? null : formatInstant(next, 'UTC'),
          last_run: last ? runRecord(last) : null,
        };
      });
      return { reports: await Promise.all(all) };
    },
  });
  api.route({
    method: 'POST',
    url: '/api/v1/reports/:report/runs',
    config: { scope: 'write' },
    schema: {
      summary: 'Begins a run of a report; Location says where to see what becomes of it.',
      params: z.strictObject({
        report: z
          .string()
          .min(1)
          .meta({ examples: ['active-users'] }),
      }),
      body: z
        .strictObject({
          as_of: z.string().optional().describe('A date such as 2026-03-01; today unless given.'),
          overwrite: z
            .boolean()
            .optional()
            .describe('Replace other content that stands in its place; takes the scope admin.'),
        })
        .nullish()
        .meta({ examples: [{ as_of: '2026-03-01' }] }),
      response: { 202: RUN },
    },
    async handler({ params: { report }, body, key }, reply) {
      const { as_of: asOf, overwrite } = body ?? {};
      if (overwrite && key && key.scope !== 'admin')
        throw new RequestError(403, 'overwrite takes a key with the scope admin');
      if (!desk) throw new RequestError(404, `there is no report ${report}`);
      const run = await desk.start(report, { asOf, overwrite });
      return reply.status(202).header('Location', `/api/v1/runs/${run.id}`).send(runRecord(run));
    },
  });
}
