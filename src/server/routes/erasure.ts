import * as z from 'zod';
import { failureFields, SILENT } from '../../core/log.ts';
import type { Run } from '../../core/run-history.ts';
import { runId } from '../../core/run-id.ts';
import { daybookVersion } from '../../core/version.ts';
import { dateAt } from '../../open/open-report.ts';
import type { Api, ServerContext } from '../api.ts';

/** What the run history calls it: no report can be configured under a name with a blank. */
const ERASURE = 'subject erasure';

const MOST_LEFT = 1000;

/** How an erasure ended whose process is gone. It may have erased: that is done at once, and then entered. */
const CUT_OFF = {
  state: 'failed',
  error: 'was cut off, and may have erased all or nothing; erase the subject again',
} as const;

/** Forgets a subject. */
export function erasure(api: Api, context: ServerContext): void {
  api.addHook('onReady', async () => {
    // Nobody waits for a history that does not answer.
    void settleErasures(context).catch((error) => logSettling(context, error));
  });
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
    // Who shares the history may have taken this for cut off.
    await history.update(run.id, { state: 'done', finished: now(), notes, error: undefined });
    return count;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    const failed = { state: 'failed', finished: now(), error: reason } as const;
    await history.update(run.id, failed).catch(() => {});
    throw error;
  }
}

/** Sets right what earlier processes left: erasures that have no end. */
async function settleErasures({ reports, now }: ServerContext): Promise<void> {
  const started = now();
  const left = await reports?.history.list({ report: ERASURE, state: 'running', limit: MOST_LEFT });
  for (const run of left ?? [])
    if (run.started < started)
      await reports!.history.update(run.id, { ...CUT_OFF, finished: now() });
}

function logSettling({ log = SILENT }: ServerContext, error: unknown): void {
  log.warn('note', { note: 'erasures that were cut off are not settled', ...failureFields(error) });
}

function erasureRun(started: number): Run {
  return {
    ...{ id: runId(), report: ERASURE, asOf: dateAt(started, {}), started, state: 'running' },
    ...{ parameters: {}, version: daybookVersion(), inputs: [], notes: [] },
  };
}
