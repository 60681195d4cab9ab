import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Registry } from 'prom-client';
import * as z from 'zod';
import type { MeterSettings } from '../config/meter-schema.ts';
import type { KeyRing } from '../core/access-key.ts';
import { DaybookError } from '../core/errors.ts';
import type { Log } from '../core/log.ts';
import type { Store } from '../core/store.ts';
import { parseInstant, parseZone } from '../core/time.ts';
import type { EventPoster } from './event-poster.ts';
import { inHttp } from './problem.ts';
import type { ReportRuns } from './report-runs.ts';

/** A server, or a part of it, whose routes say with zod what they take. */
export type Api = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>;

/** What routes answer from. */
export interface ServerContext {
  /** File of the store. */
  readonly path: string;
  /** The same, open for reading. */
  readonly store: Store;
  readonly keys: KeyRing;
  readonly meters: readonly MeterSettings[];
  /** Up to when a source is complete that is followed, ms since the epoch, −∞ while unknown; undefined of others. */
  readonly completeThrough?: ((source: string) => number | undefined) | undefined;
  /** Makes reports; undefined where there are none to make, and no history of them. */
  readonly reports?: ReportRuns | undefined;
  /** Takes events that are posted. */
  readonly events: EventPoster;
  /** What is to be told at `/metrics` besides. */
  readonly registries?: readonly Registry[] | undefined;
  /** Gets a line for each request, and for what goes wrong; none unless given. */
  readonly log?: Log | undefined;
  /** How often streams are looked after, ms, and how many entries are kept for who comes back. */
  readonly live?: { readonly lookMs: number; readonly beatMs: number; readonly most?: number };
  /** The instant of now, ms since the epoch. */
  readonly now: () => number;
}

/** A text that something can read; what is wrong with others is told in its words. */
export function readable(read: (text: string) => unknown): z.ZodString {
  return z
    .string()
    .min(1)
    .check(({ value, issues }) => {
      try {
        read(value);
      } catch (error) {
        if (!(error instanceof DaybookError)) throw error;
        issues.push({ code: 'custom', message: inHttp(error.message), input: value });
      }
    });
}

/** A time; of one that names no zone it is known later whether there is another word for that. */
export const timeWord: z.ZodString = readable((text) =>
  parseInstant(text, { zone: 'UTC', unit: 'ms' }),
);
export const zoneWord: z.ZodString = readable(parseZone);

/** Query of everything that has a range; times are RFC 3339, or whole numbers of milliseconds. */
export const rangeQuery = {
  source: z.string().min(1).optional().describe('Which source, where there are several.'),
  from: timeWord.optional().describe('Start of the range, inclusive.'),
  to: timeWord.optional().describe('End of the range, exclusive.'),
  tz: zoneWord
    .optional()
    .describe('IANA zone of clock and labels, UTC unless given; times that name none need it.'),
};

/** A word, or several as a repeated parameter. */
export const words: z.ZodType<string[] | undefined> = z
  .union([z.string().min(1), z.array(z.string().min(1)).max(1000)])
  .optional()
  .transform((word) => (typeof word === 'string' ? [word] : word));
