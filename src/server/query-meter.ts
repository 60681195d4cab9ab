import type { MeterSettings } from '../config/meter-schema.ts';
import { Buckets } from '../core/buckets.ts';
import type { TimeRange } from '../core/time-range.ts';
import { openBill } from '../open/open-bill.ts';
import {
  type MeterAnswer,
  type MeterQuery,
  openMeter,
  queryMeter,
  usageOf,
} from '../open/open-meter.ts';
import { runReport } from '../pipeline/batch/run-report.ts';

/** Whose usage to tell, and until when it is of interest. */
interface Asking {
  readonly subjects: readonly string[] | undefined;
  readonly signal: AbortSignal;
}

/**
 * Asks a store what a meter says.
 *
 * @throws DaybookError `USAGE` or `STORE_UNUSABLE`
 */
export async function answerMeter(
  path: string,
  meter: MeterSettings,
  query: MeterQuery,
  asking: Asking,
): Promise<MeterAnswer> {
  return meter.aggregation === 'SESSIONS'
    ? querySessions(path, meter, query, asking)
    : queryMeter(path, meter, query, asking);
}

/** Sessions in the window in which they start, and how long they are in the range. */
async function querySessions(
  path: string,
  meter: MeterSettings,
  query: MeterQuery,
  { subjects, signal }: Asking,
): Promise<MeterAnswer> {
  const opened = openMeter(meter, query);
  const { every, zone, range, bySubject } = opened;
  const { source } = meter;
  const buckets = every === undefined ? undefined : new Buckets({ every, align: 'clock', zone });
  const sums = new Map<string, Sessions>();
  const extent = { first: Number.POSITIVE_INFINITY, last: Number.NEGATIVE_INFINITY };
  const request = { files: [], store: path, source, names: subjects, explain: true };
  const report = await openBill({ ...request, ...edgesOf(range) });
  await runReport(report, { threads: 1, signal }, async (table) => {
    for await (const rows of table.rows)
      for (const [name, begin, , durationMs] of rows) {
        const time = Number(begin);
        if (time < range.from) continue; // began before, and counts there
        const start = buckets?.startOf(time) ?? 0;
        const subject = bySubject ? String(name) : null;
        const key = JSON.stringify([start, subject]);
        const sum = sums.get(key) ?? { start, subject, sessions: 0, durationMs: 0n };
        sum.sessions++;
        sum.durationMs += BigInt(durationMs!);
        sums.set(key, sum);
        extent.first = Math.min(extent.first, time);
        extent.last = Math.max(extent.last, time);
      }
  });
  const rows = [...sums.values()]
    .sort((a, b) => a.start - b.start || ((a.subject ?? '') < (b.subject ?? '') ? -1 : 1))
    .map(({ sessions, ...sum }) => ({ ...sum, groups: [], value: String(sessions) }));
  return { range, rows: usageOf(rows, opened, extent), skipped: 0 };
}

interface Sessions {
  readonly start: number;
  readonly subject: string | null;
  sessions: number;
  durationMs: bigint;
}

/** The edges that a range has, in words. */
function edgesOf({ from, to }: TimeRange): { from?: string; to?: string } {
  return {
    ...(Number.isFinite(from) && { from: String(from) }),
    ...(Number.isFinite(to) && { to: String(to) }),
  };
}
