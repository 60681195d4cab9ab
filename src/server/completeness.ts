import type { FastifyReply } from 'fastify';
import * as z from 'zod';
import { DaybookError } from '../core/errors.ts';
import type { Store } from '../core/store.ts';
import { formatInstant, parseInstant } from '../core/time.ts';
import type { ServerContext } from './api.ts';

/** How far what an answer is made of has come. */
export interface Completeness {
  /**
   * All events before this instant are counted, as far as is known, ms since the epoch: the least of what is known of
   * the sources that are followed; where none is, of the times of the last events of each, as far as these are past.
   * Undefined where that is not known yet, or there is no event.
   */
  readonly through: number | undefined;
  /** Whether the range of the answer lies before it, so that it changes only by what comes late or is taken back. */
  readonly final: boolean;
}

/** The same as schemas of members. */
export const COMPLETENESS = {
  complete_through: z
    .string()
    .nullable()
    .describe('All events before this instant are counted, as far as is known.'),
  final: z.boolean().describe('Whether it changes only by what comes late or is taken back.'),
};

/** Times of last events are looked up as often as this. */
const KEPT_MS = 1000;
const lastTimes = new WeakMap<Store, Map<string, { at: number; time: number | undefined }>>();

/**
 * Says in headers of an answer how complete it is.
 *
 * @param through - Up to when its sources were complete before anything was read: what is counted meanwhile may be missing.
 * @param to - The exclusive end of its range.
 */
export function tellCompleteness(
  reply: FastifyReply,
  through: number | undefined,
  to: number,
): Completeness {
  const final = through !== undefined && to <= through;
  if (through !== undefined)
    void reply.header('Daybook-Complete-Through', formatInstant(through, 'UTC'));
  void reply.header('Daybook-Final', String(final));
  return { through, final };
}

/** Up to when some sources are complete, as `Completeness.through` says it. */
export async function completeThrough(
  context: Pick<ServerContext, 'completeThrough' | 'store' | 'now'>,
  sources: readonly string[],
): Promise<number | undefined> {
  const followed = sources.map((source) => context.completeThrough?.(source)).filter(isTime);
  if (followed.length > 0) return knownOf(Math.min(...followed));
  let first = Number.POSITIVE_INFINITY;
  for (const source of sources)
    first = Math.min(first, (await lastTime(context, source)) ?? Number.POSITIVE_INFINITY);
  // A time that is yet to come says nothing of what may come before it.
  return Number.isFinite(first) ? Math.min(first, context.now()) : undefined;
}

/** A time, unless nothing is known. */
function knownOf(time: number): number | undefined {
  return time === Number.NEGATIVE_INFINITY ? undefined : time;
}

/** Finds how complete a report is, by what was asked for, and says so; to be called before it is opened. */
export async function tellReport(
  context: ServerContext,
  reply: FastifyReply,
  {
    source,
    to,
    tz,
  }: { source?: string | undefined; to?: string | undefined; tz?: string | undefined },
  formats: readonly string[],
): Promise<Completeness> {
  const streams = (await context.store.streams()).filter(
    ({ name, format }) => formats.includes(format) && (source === undefined || name === source),
  );
  const names = streams.map(({ name }) => name);
  return tellCompleteness(reply, await completeThrough(context, names), endOf(to, tz));
}

/** The end of a range; none where it takes what a log says of itself to know it. */
function endOf(to: string | undefined, zone: string | undefined): number {
  if (to === undefined) return Number.POSITIVE_INFINITY;
  try {
    return parseInstant(to, { zone, unit: 'ms' });
  } catch (error) {
    if (error instanceof DaybookError) return Number.POSITIVE_INFINITY;
    throw error;
  }
}

/** The same as members of a JSON object, without its braces. */
export function completenessJson({ through, final }: Completeness): string {
  const instant = through === undefined ? null : formatInstant(through, 'UTC');
  return `"complete_through":${JSON.stringify(instant)},"final":${final}`;
}

/** Times only grow, but for what is taken back: who is told a time of a second ago is told too little. */
async function lastTime(
  { store, now }: Pick<ServerContext, 'store' | 'now'>,
  source: string,
): Promise<number | undefined> {
  const known = lastTimes.get(store) ?? new Map<string, { at: number; time: number | undefined }>();
  lastTimes.set(store, known);
  const found = known.get(source);
  if (found && now() - found.at < KEPT_MS) return found.time;
  const time = await store.lastTime(source);
  known.set(source, { at: now(), time });
  return time;
}

function isTime(time: number | undefined): time is number {
  return time !== undefined;
}
