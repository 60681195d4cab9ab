import type { FastifyReply, FastifyRequest } from 'fastify';
import * as z from 'zod';
import type { MeterSettings } from '../../config/meter-schema.ts';
import { formatInstant } from '../../core/time.ts';
import { eventStreams } from '../../open/event-streams.ts';
import { type MeterQuery, meterSubjects, WINDOW_SIZES } from '../../open/open-meter.ts';
import { ownSubjects, refuseHosts } from '../access.ts';
import { type Api, type ServerContext, timeWord, words, zoneWord } from '../api.ts';
import {
  COMPLETENESS,
  completenessJson,
  completeThrough,
  tellCompleteness,
} from '../completeness.ts';
import { hangUp } from '../hang-up.ts';
import { meterCsv, meterJson } from '../meter-answer.ts';
import { RequestError } from '../problem.ts';
import { answerMeter } from '../query-meter.ts';
import { acceptedType } from '../send-report.ts';
import { sendWhole } from '../send-whole.ts';

const METER = z.object({
  id: z.string().describe('The same as its slug.'),
  slug: z.string(),
  name: z.string().describe('The same as its slug.'),
  description: z.string().optional(),
  aggregation: z.string(),
  eventType: z.string().optional(),
  source: z.string().optional().describe('Of which source it is, where it is of one.'),
  valueProperty: z.string().optional(),
  groupBy: z.record(z.string(), z.string()).optional(),
  createdAt: z.string().describe('When the service read the configuration.'),
  updatedAt: z.string(),
});

const QUERY = {
  from: timeWord.optional().describe('Start of the range, inclusive.'),
  to: timeWord.optional().describe('End of the range, exclusive.'),
  windowSize: z
    .enum(Object.keys(WINDOW_SIZES) as (keyof typeof WINDOW_SIZES)[])
    .optional()
    .describe('One window for all of the range unless given.'),
  windowTimeZone: zoneWord.optional().describe('IANA zone of windows; UTC unless given.'),
  subject: words.describe('Whose; each is told apart. Everybody together unless given.'),
  groupBy: words.describe('Names of groups to tell apart, or subject.'),
  filterGroupBy: z
    .record(z.string(), z.union([z.string(), z.array(z.string()).max(1000)]))
    .optional()
    .describe('Values of groups that count: filterGroupBy[model]=a; of none, the empty text.'),
  clientId: z.string().optional().describe('Of no meaning.'),
};

const USAGE = z.object({
  from: z.string().optional(),
  to: z.string().optional(),
  windowSize: z.string().optional(),
  skipped: z.number().describe('Events of the meter whose value is of no use.'),
  ...COMPLETENESS,
  data: z.array(
    z.object({
      value: z.number().describe('With all its digits.'),
      windowStart: z.string(),
      windowEnd: z.string(),
      subject: z.string().nullable(),
      groupBy: z.record(z.string(), z.string().nullable()),
      seconds: z.number().optional().describe('Of sessions.'),
    }),
  ),
});

/** What OpenMeter's clients may say of a list, which is short here. */
const PAGING = Object.fromEntries(
  ['page', 'pageSize', 'order', 'orderBy', 'includeDeleted'].map((name) => [
    name,
    z.string().optional().describe('Of no meaning: all are listed.'),
  ]),
);

const USAGES = {
  description: 'Usage, in the format that `Accept` asks for.',
  content: {
    'application/json': { schema: USAGE },
    'text/csv': { schema: z.string().describe('With a header.') },
  },
};

const PARAMS = z.strictObject({
  slug: z
    .string()
    .min(1)
    .meta({ examples: ['tokens_total'] }),
});
const TYPES = ['application/json', 'text/csv'] as const;

/** Usage as meters of the configuration say it, in the words of OpenMeter. */
export function meters(api: Api, context: ServerContext): void {
  const bySlug = new Map(context.meters.map((meter) => [meter.slug, meter]));
  const read = formatInstant(context.now(), 'UTC');
  const config = { scope: 'read', own: true } as const;
  const meterOf = (slug: string): MeterSettings => {
    const meter = bySlug.get(slug);
    if (meter) return meter;
    throw new RequestError(404, `there is no meter ${slug}`);
  };
  const answer = async (
    request: FastifyRequest,
    reply: FastifyReply,
    { slug, query: { subject, ...query } }: { slug: string; query: MeterQuery },
  ) => {
    // No subject at all is no question, as in OpenMeter.
    const asked = subject?.length === 0 ? undefined : subject;
    const subjects = ownSubjects(request, asked);
    const type = acceptedType(request, TYPES);
    const signal = hangUp(reply);
    const meter = meterOf(slug);
    const words = { ...query, subject: asked };
    const streams = eventStreams(await context.store.streams(), meter);
    refuseHosts(request, streams);
    const through = await completeThrough(
      context,
      streams.map(({ name }) => name),
    );
    const found = await answerMeter(context.path, meter, words, { subjects, signal });
    const completeness = tellCompleteness(reply, through, found.range.to);
    const body = await (type === 'text/csv'
      ? meterCsv(found, query)
      : meterJson(found, query, completeness));
    const { final } = completeness;
    const told = type === 'text/csv' ? undefined : body.replace(completenessJson(completeness), '');
    return sendWhole(request, reply, { body, type, final, told });
  };
  api.route({
    method: 'GET',
    url: '/api/v1/meters',
    config,
    schema: {
      summary: 'The meters there are.',
      querystring: z.strictObject(PAGING),
      response: { 200: z.array(METER) },
    },
    handler: async () => context.meters.map((meter) => shown(meter, read)),
  });
  api.route({
    method: 'GET',
    url: '/api/v1/meters/:slug',
    config,
    schema: { summary: 'A meter.', params: PARAMS, response: { 200: METER } },
    handler: async ({ params }) => shown(meterOf(params.slug), read),
  });
  api.route({
    method: 'GET',
    url: '/api/v1/meters/:slug/subjects',
    config,
    schema: {
      summary: 'Who has events of a meter.',
      params: PARAMS,
      response: { 200: z.array(z.string()) },
    },
    async handler(request, reply) {
      const subjects = ownSubjects(request, undefined);
      const meter = meterOf(request.params.slug);
      const asking = { subjects, signal: hangUp(reply) };
      refuseHosts(request, eventStreams(await context.store.streams(), meter));
      return meterSubjects(context.path, meter, asking);
    },
  });
  api.route({
    method: 'GET',
    url: '/api/v1/meters/:slug/query',
    config,
    schema: {
      summary: 'Usage by windows, subjects and groups.',
      params: PARAMS,
      querystring: z.strictObject(QUERY),
      response: { 200: USAGES },
    },
    preValidation: async (request) => {
      request.query = withFilters(request.query) as typeof request.query; // not yet validated
    },
    handler: (request, reply) => {
      const { params, query } = request;
      return answer(request, reply, { slug: params.slug, query: queryOf(query) });
    },
  });
  api.route({
    method: 'POST',
    url: '/api/v1/meters/:slug/query',
    config,
    schema: {
      summary: 'The same, asked in a body, for what is too long for an address.',
      params: PARAMS,
      body: z.strictObject(QUERY).nullish(),
      response: { 200: USAGES },
    },
    handler: (request, reply) => {
      const { params, body } = request;
      return answer(request, reply, { slug: params.slug, query: queryOf(body ?? {}) });
    },
  });
}

function shown(meter: MeterSettings, read: string): z.infer<typeof METER> {
  const { slug, groupBy, ...rest } = meter;
  const times = { createdAt: read, updatedAt: read };
  return {
    id: slug,
    slug,
    name: slug,
    ...rest,
    ...(groupBy && { groupBy: { ...groupBy } }),
    ...times,
  };
}

/** What was asked, less what says nothing. */
function queryOf({
  clientId: _,
  filterGroupBy = {},
  ...query
}: Partial<z.infer<z.ZodObject<typeof QUERY>>>): MeterQuery {
  const filters = Object.entries(filterGroupBy).map(
    ([name, values]) => [name, [values].flat()] as const,
  );
  const asked = filters.filter(([, values]) => values.length > 0);
  return { ...query, filterGroupBy: Object.fromEntries(asked) };
}

/** The query with `filterGroupBy[name]=value` as one member, of which `name` is one. */
function withFilters(query: object): Record<string, unknown> {
  const filters = new Map<string, unknown>();
  const others = new Map<string, unknown>();
  for (const [key, value] of Object.entries<unknown>(query as Record<string, unknown>)) {
    const [, name] = /^filterGroupBy\[(.+)\]$/s.exec(key) ?? [];
    // A record of zod's leaves `__proto__` out in silence: as it is, it is refused.
    if (name === undefined || name === '__proto__') others.set(key, value);
    else filters.set(name, value);
  }
  if (filters.size > 0) others.set('filterGroupBy', Object.fromEntries(filters));
  return Object.fromEntries(others);
}
