import * as z from 'zod';
import { readField } from '../../core/errors.ts';
import { formatInstant, HOUR, modulo, parseInstant } from '../../core/time.ts';
import type { TimeRange } from '../../core/time-range.ts';
import { eventStreams } from '../../open/event-streams.ts';
import { type HourlyCounts, hourlyCounts } from '../../open/hourly-counts.ts';
import { ownSubjects, refuseHosts } from '../access.ts';
import type { Api, ServerContext } from '../api.ts';
import {
  COMPLETENESS,
  completenessJson,
  completeThrough,
  tellCompleteness,
} from '../completeness.ts';
import { queryProblem, RequestError } from '../problem.ts';
import { sendWhole } from '../send-whole.ts';

const HOURS = z.object({
  customer_id: z.string(),
  start: z.string(),
  end: z.string(),
  ...COMPLETENESS,
  buckets: z.array(
    z.object({
      start: z.string(),
      count: z.number(),
      truncated: z
        .enum(['none', 'start', 'end', 'both'])
        .describe('Where the range cuts the hour.'),
    }),
  ),
});

/** How many events there are of a customer in each hour, straight from the store. */
export function hourly(api: Api, context: ServerContext): void {
  const meters = new Map(context.meters.map((meter) => [meter.slug, meter]));
  api.route({
    method: 'GET',
    url: '/hourly',
    config: { scope: 'read', own: true },
    schema: {
      summary: 'Events of a customer in each hour (UTC) of a range, also in hours without.',
      querystring: z.strictObject({
        customer_id: z
          .string()
          .min(1)
          .meta({ description: 'Whose.', examples: ['acme'] }),
        start: z
          .string()
          .min(1)
          .meta({ description: 'Start of the range, inclusive.', examples: ['2021-03-01T00:00Z'] }),
        end: z
          .string()
          .min(1)
          .meta({ description: 'End of the range, exclusive.', examples: ['2021-03-02T00:00Z'] }),
        meter: z.string().optional().describe('A meter of COUNT; all events unless given.'),
      }),
      response: { 200: HOURS },
    },
    async handler(request, reply) {
      const { customer_id: customer, start, end, meter: slug } = request.query;
      ownSubjects(request, [customer]);
      const [from, to] = [instantOf('start', start), instantOf('end', end)];
      if (from > to)
        throw queryProblem('end', `the range ends (${end}) before it begins (${start})`);
      const meter = slug === undefined ? undefined : meters.get(slug);
      if (slug !== undefined && !meter) throw new RequestError(404, `there is no meter ${slug}`);
      if (meter && meter.aggregation !== 'COUNT')
        throw queryProblem('meter', `the meter ${slug} is not one of COUNT; ask /api/v1/meters`);
      const streams = eventStreams(await context.store.streams(), meter ?? {});
      refuseHosts(request, streams);
      const through = await completeThrough(
        context,
        streams.map(({ name }) => name),
      );
      const asked = { subject: customer, streams, eventType: meter?.eventType };
      const found = await hourlyCounts(context.store, asked, { from, to });
      const completeness = tellCompleteness(reply, through, to);
      const head = JSON.stringify({
        customer_id: customer,
        start: formatInstant(from, 'UTC'),
        end: formatInstant(to, 'UTC'),
      });
      const members = `${completenessJson(completeness)},"buckets":[${bucketsJson(found, { from, to })}]`;
      return sendWhole(request, reply, {
        body: `${head.slice(0, -1)},${members}}\n`,
        type: 'application/json',
        final: completeness.final,
        told: new Uint8Array(found.counts.buffer),
      });
    },
  });
}

/** The years of four digits; what lies beyond has no hours to show. */
const [EARLIEST, LATEST] = [Date.parse('0000-01-01T00:00Z'), Date.parse('9999-12-31T00:00Z')];

function instantOf(field: string, text: string): number {
  const instant = readField(field, () => parseInstant(text, { zone: 'UTC', unit: 'ms' }));
  if (instant >= EARLIEST && instant <= LATEST) return instant;
  throw queryProblem(field, `${JSON.stringify(text)} is beyond the years 0 to 9999`);
}

/** The hours one after the other. Those of a day differ in two digits, and only those at the edges are cut. */
function bucketsJson({ first, counts }: HourlyCounts, { from, to }: TimeRange): string {
  let text = '';
  let opening = '';
  for (let i = 0, at = first; i < counts.length; i++, at += HOUR) {
    const hour = modulo(at / HOUR, CLOCK.length);
    if (i < 2 || hour === 0)
      opening = `${i > 0 ? ',' : ''}{"start":"${formatInstant(at, 'UTC').slice(0, DATE_CHARACTERS)}`;
    text += opening + CLOCK[hour] + counts[i] + CLOSING[cutOf(at < from, at + HOUR > to)];
  }
  return text;
}

const CLOCK = Array.from(
  { length: 24 },
  (_, hour) => `${String(hour).padStart(2, '0')}:00:00Z","count":`,
);
const DATE_CHARACTERS = '2021-03-01T'.length;

/** On which sides the range cuts an hour. */
function cutOf(start: boolean, end: boolean): keyof typeof CLOSING {
  if (start && end) return 'both';
  return start ? 'start' : end ? 'end' : 'none';
}

const CLOSING = {
  none: ',"truncated":"none"}',
  start: ',"truncated":"start"}',
  end: ',"truncated":"end"}',
  both: ',"truncated":"both"}',
} as const;
