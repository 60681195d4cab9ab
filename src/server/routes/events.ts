import type { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import * as z from 'zod';
import type { PostedForm } from '../../core/posted-events.ts';
import type { PostAnswer } from '../../pipeline/ingest/event-writer.ts';
import type { Api, ServerContext } from '../api.ts';
import { readBody } from '../posted-body.ts';
import { problemOf, RequestError, sendProblem } from '../problem.ts';

/** How the events stand in a body, by its media type. */
const FORMS: Readonly<Record<string, PostedForm>> = {
  'application/cloudevents+json': 'object',
  'application/cloudevents-batch+json': 'array',
  'application/json': 'json',
  'application/x-ndjson': 'lines',
};
const EVENT = {
  ...{ specversion: '1.0', id: '1', source: 'api', type: 'call', subject: 'acme' },
  data: { tokens: 12 },
};
/** Of more only the number is told. */
const MOST_ERRORS = 1000;
const RETRY_SECONDS = '1';

const KEPT = {
  description: 'All of it is kept; with `Prefer: return=representation`.',
  content: {
    'application/json': {
      schema: z.object({
        accepted: z.int().describe('How many events of the request are kept now.'),
        counted: z.int().describe('How many of these were not before.'),
        outcomes: z.array(z.string()).describe('What became of each.'),
      }),
    },
  },
};

const NOTHING: z.ZodType<unknown> = z.null().describe('All of it is kept.');

/** Takes events. */
export function events(api: Api, context: ServerContext): void {
  void api.register(async (inner) => {
    const scope = inner as unknown as Api; // which takes bodies as they come
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_, payload, done) => done(null, payload));
    scope.route({
      method: 'POST',
      url: '/api/v1/events',
      config: { scope: 'write', own: true },
      schema: {
        summary: 'Counts CloudEvents, each once; what is answered is on the disk.',
        consumes: Object.keys(FORMS),
        querystring: z.strictObject({
          atomic: z.enum(['true', 'false']).optional().describe('Whether to keep all or none.'),
        }),
        body: z.any().meta({
          description: 'A CloudEvent 1.0 as JSON, an array of them, or one on each line.',
          examples: [EVENT],
        }),
        response: {
          200: KEPT,
          204: NOTHING,
        },
      },
      async handler(request, reply) {
        await post(request, reply, context, request.query.atomic === 'true');
        return reply;
      },
    });
  });
}

async function post(
  request: FastifyRequest,
  reply: FastifyReply,
  { events: poster, now }: ServerContext,
  isAtomic: boolean,
): Promise<FastifyReply> {
  const { headers, key, routeOptions } = request;
  const media = (headers['content-type'] ?? '').split(';')[0]!.trim().toLowerCase();
  const form = Object.hasOwn(FORMS, media) ? FORMS[media] : undefined;
  const limit = routeOptions.bodyLimit;
  const encoding = (headers['content-encoding'] ?? 'identity').toLowerCase();
  try {
    if (!form) throw new RequestError(415, `events are sent as ${Object.keys(FORMS).join(', ')}`);
    using body = await readBody(request.body as Readable, encoding, limit, poster);
    const { bytes } = body;
    const asked = { bytes, form, arrived: now(), subjects: key?.subjects, isAtomic };
    return answer(request, reply, await poster.post(asked));
  } catch (error) {
    // What was not read of the body is not waited for.
    if (error instanceof RequestError) void reply.header('Connection', 'close');
    if (problemOf(error).status === 503) void reply.header('Retry-After', RETRY_SECONDS);
    throw error;
  }
}

function answer(
  request: FastifyRequest,
  reply: FastifyReply,
  { status, outcomes, problems }: PostAnswer,
): FastifyReply {
  const of = (outcome: string) => outcomes.filter((each) => each === outcome).length;
  const books = { accepted: of('counted') + of('duplicate'), counted: of('counted') };
  const isWanted = /\breturn=representation\b/.test(String(request.headers['prefer']));
  if (isWanted) void reply.header('Preference-Applied', 'return=representation');
  if (status === 'kept' && problems.length === 0)
    return isWanted ? reply.send({ ...books, outcomes }) : reply.status(204).send();
  const errors = problems.slice(0, MOST_ERRORS);
  const [first] = problems;
  const count = problems.length > 1 ? `${problems.length} problems, the first` : '1 problem';
  const wrong = `${count}: ${first?.pointer || '/'}: ${first?.detail}`;
  if (status === 'forbidden')
    return sendProblem(request, reply, {
      ...problemOf(new RequestError(403, 'nothing is kept: some events are of other subjects')),
      errors,
    });
  const detail =
    status === 'refused' ? `nothing is kept: ${wrong}` : `${wrong}; all other events are kept`;
  return sendProblem(request, reply, {
    ...problemOf(new RequestError(400, detail)),
    ...{ ...books, errors, outcomes: isWanted ? outcomes : undefined },
  });
}
