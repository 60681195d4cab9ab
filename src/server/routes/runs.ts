import * as z from 'zod';
import type { Run } from '../../core/run-history.ts';
import { runRecord } from '../../core/run-record.ts';
import { plainAnswer } from '../answers.ts';
import type { Api, ServerContext } from '../api.ts';
import { hangUp } from '../hang-up.ts';
import { linkNext, pageQuery, pageRows, placeOf } from '../pages.ts';
import { RequestError } from '../problem.ts';
import { RUN, RUN_STATE } from '../run-schema.ts';
import { sendFile } from '../send-file.ts';

const ID = '0197b6a8-6c4e-7d2a-9d53-5a4d3c2b1a09';
const PARAMS = z.strictObject({
  run: z
    .string()
    .min(1)
    .meta({ examples: [ID] }),
});
const USUAL_RUNS = 100;

/** Which reports were made, what became of them, and their files. */
export function runs(api: Api, { reports: desk }: ServerContext): void {
  const runOf = async (id: string): Promise<Run> => {
    const run = await desk?.history.find(id.toLowerCase());
    if (run) return run;
    throw new RequestError(404, `there is no run ${id}`);
  };
  api.route({
    method: 'GET',
    url: '/api/v1/runs',
    config: { scope: 'read' },
    schema: {
      summary: 'Runs of reports, the latest first.',
      querystring: z.strictObject({
        report: z.string().min(1).optional().describe('Of this report only.'),
        state: RUN_STATE.optional().describe('In this state only.'),
        ...pageQuery,
      }),
      response: { 200: z.object({ runs: z.array(RUN) }) },
    },
    async handler(request, reply) {
      const { report, state } = request.query;
      const limit = pageRows(request.query) ?? USUAL_RUNS;
      const before = placeOf(request, z.uuid());
      const found = await desk?.history.list({ report, state, before, limit: limit + 1 });
      const page = found?.slice(0, limit) ?? [];
      if (found && found.length > limit) linkNext(request, reply, page.at(-1)!.id);
      return { runs: page.map(runRecord) };
    },
  });
  api.route({
    method: 'GET',
    url: '/api/v1/runs/:run',
    config: { scope: 'read' },
    schema: { summary: 'All that is known of a run.', params: PARAMS, response: { 200: RUN } },
    handler: async ({ params }) => runRecord(await runOf(params.run)),
  });
  api.route({
    method: 'GET',
    url: '/api/v1/runs/:run/file',
    config: { scope: 'read' },
    schema: {
      summary: 'The file that a run has written, if it is there and the same.',
      params: PARAMS,
      response: {
        200: plainAnswer(
          'Its bytes. They are checked on the way: what is cut off is not the file.',
          ...['text/csv', 'text/plain', 'application/json', 'application/x-ndjson'],
          ...['application/vnd.apache.parquet', 'application/octet-stream'],
        ),
      },
    },
    async handler(request, reply) {
      const run = await runOf(request.params.run);
      return sendFile(request, reply, run, await desk!.file(run, hangUp(reply)));
    },
  });
}
