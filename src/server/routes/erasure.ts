import * as z from 'zod';
import { dateAt } from '../../config/open-report.ts';
import type { Run } from '../../core/run-history.ts';
import { runId } from '../../core/run-id.ts';
import { daybookVersion } from '../../core/version.ts';
import type { Api, ServerContext } from '../api.ts';

/** What the run history calls it: no report can be configured under a name with a blank. */
const ERASURE = 'subject erasure';

/** Forgets a subject. */
export function erasure(api: Api, context: ServerContext): void {
  api.route({
    method: 'DELETE',
    url: '/api/v1/subjects/:subject',
    config: { scope: 'admin' },
    schema: {
      summary:
        'Erases the events and counts of a subject from all sources, and tells how many events.',
      params: z.strictObject({
        subject: z
          .string()
          .min(1)
          .meta({ examples: ['acme'] }),
      }),
      response: { 200: z.strictObject({ subject: z.string(), erased: z.int() }) },
    },
    handler: async ({ params: { subject } }) => ({
      subject,
      erased: await erase(context, subject),
    }),
  });
}

/**
 * Erases a subject, and enters that in the run history, without a name, before and behind it: so whoever sees that totals
 * have gone down finds out when and by how many events. Where it cannot be entered nothing is erased.
 */
async function erase({ events, reports, now }: ServerContext, subject: string): Promise<number> {
  if (!reports) return events.erase(subject);
  const { history } = reports;
  const run = erasureRun(now());
  await history.begin(run);
  try {
    const count = await events.erase(subject);
    const message = `${count} events of a subject were erased`;
    const notes = [{ code: 'erased', message, count }];
    await history.update(run.id, { state: 'done', finished: now(), notes });
    return count;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const failed = { state: 'failed', finished: now(), error: reason } as const;
    await history.update(run.id, failed).catch(() => {});
    throw error;
  }
}

function erasureRun(started: number): Run {
  return {
    ...{ id: runId(), report: ERASURE, asOf: dateAt(started, {}), started, state: 'running' },
    ...{ parameters: {}, version: daybookVersion(), inputs: [], notes: [] },
  };
}
