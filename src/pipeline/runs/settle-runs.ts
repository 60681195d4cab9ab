import type { Archive } from '../../core/archive.ts';
import type { Run, RunChange, RunHistory } from '../../core/run-history.ts';
import { removeRendered } from './render-report.ts';

/** How far back runs are looked at. */
const LOOKED_AT = 1000;
/** How many that failed since the last success are looked at anew. */
const FAILED_LOOKED_AT = 10;

/** Where runs are entered, and where their files go. */
export interface RunPlaces {
  readonly history: RunHistory;
  readonly archive: Archive;
}

/**
 * Sets right what earlier runs of a report left: those whose process is gone get their end, those that failed while they
 * wrote are looked at once more, and what they left half done is cleared away. To be done by who runs the report alone.
 *
 * @param current - Id of the run that is not an earlier one.
 */
export async function settleRuns(
  report: string,
  current: string,
  places: RunPlaces,
  { now, signal }: { readonly now: () => number; readonly signal: AbortSignal | undefined },
): Promise<void> {
  const { history } = places;
  const all = await history.list({ report, limit: LOOKED_AT });
  const runs = all.filter(({ id }) => id !== current);
  const success = runs.findIndex(hasWritten);
  const failed = (success < 0 ? runs : runs.slice(0, success))
    .filter(({ state, digest }) => state === 'failed' && digest !== undefined)
    .slice(0, FAILED_LOOKED_AT);
  const unsettled = runs.filter(
    (run) => run.state === 'running' || run.draft !== undefined || failed.includes(run),
  );
  // The earliest first: what one has written, a later one found there.
  for (const run of unsettled.toReversed()) {
    await removeRendered(run.id);
    const isElsewhere = !isSamePlace(run, places.archive);
    const found = isElsewhere ? undefined : await foundEnd(run, places, signal);
    if (run.draft !== undefined && !isElsewhere) await places.archive.clear(run.draft, signal);
    const finished = run.finished ?? now();
    const cutOff = { state: 'failed', error: cutOffText(run, isElsewhere) } as const;
    const end = found ?? (run.state === 'running' ? cutOff : {});
    await history.update(run.id, { finished, ...end, draft: undefined });
  }
}

/** How a run has ended whose report is in the archive; undefined where it is not. */
export async function foundEnd(
  { id, report, key, digest }: Run,
  { history, archive }: RunPlaces,
  signal: AbortSignal | undefined,
): Promise<RunChange | undefined> {
  if (key === undefined || digest === undefined) return undefined;
  const found = await archive.find(key, { signal });
  if (found?.digest !== digest) return undefined;
  const others = await history.list({ report, limit: LOOKED_AT });
  const wasThere = others.some(
    (run) => run.id < id && hasWritten(run) && run.key === key && run.digest === digest,
  );
  return { state: wasThere ? 'unchanged' : 'done', error: undefined };
}

function hasWritten({ state }: Run): boolean {
  return state === 'done' || state === 'unchanged';
}

/** Whether a run wrote to where the report goes now. */
function isSamePlace({ key, destination }: Run, archive: Archive): boolean {
  return key !== undefined && archive.locationOf(key) === destination;
}

function cutOffText({ digest, destination }: Run, isElsewhere: boolean): string {
  if (!isElsewhere || digest === undefined) return 'was cut off';
  return `was cut off; reports go elsewhere now, so look yourself whether it wrote ${destination}`;
}
