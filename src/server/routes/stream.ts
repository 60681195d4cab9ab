import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import * as z from 'zod';
import type { AccessKey } from '../../core/access-key.ts';
import { DaybookError } from '../../core/errors.ts';
import { isStillLetIn, ownSubjects } from '../access.ts';
import { plainAnswer } from '../answers.ts';
import { type Api, type ServerContext, words } from '../api.ts';
import { LiveFeed } from '../live-feed.ts';
import type { LiveEntry } from '../live-log.ts';
import { liveMessage } from '../live-message.ts';
import { LiveStream } from '../live-stream.ts';
import { RequestError } from '../problem.ts';
import { acceptedType } from '../send-report.ts';

/** How often to look what has happened. */
const LOOK_MS = 1000;
/** How often a stream says that it lives, and to look who reads. */
const BEAT_MS = 15_000;
const MOST_STREAMS = 1000;
/** So that no key takes them all. */
const MOST_OF_KEY = 100;
const RETRY_SECONDS = '5';
const TYPE = 'text/event-stream';

const QUERY = z.strictObject({
  subject: words.describe('Whose windows to tell, each apart. Everybody together unless given.'),
  meter: words.describe('Windows of these meters, and nothing of others.'),
  source: words.describe('Windows and books of these sources, and nothing of others.'),
});

/** A stream, and the connection that it goes over. */
interface Open {
  readonly stream: LiveStream;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

/** What happens, as it happens. */
export function stream(api: Api, context: ServerContext): void {
  const { keys, meters, now, live: { lookMs = LOOK_MS, beatMs = BEAT_MS, most } = {} } = context;
  const feed = new LiveFeed(context, most);
  const open = new Set<Open>();
  const closing = new AbortController();
  const texts = new Shared(64);
  const timers: NodeJS.Timeout[] = [];

  /** Sends away who does not read, or may not any more. */
  function beat(): void {
    for (const { stream: its, request, reply } of open)
      if (its.isStuck || !isStillLetIn(keys, request.key, now())) reply.raw.destroy();
    feed.wake('beat');
  }

  function end(): void {
    for (const timer of timers) clearInterval(timer);
    feed.wake('closed');
    closing.abort();
    for (const { reply } of open) if (reply.raw.writableNeedDrain) reply.raw.destroy();
  }

  api.addHook('onReady', async () => {
    await feed.look();
    timers.push(
      // Windows that close while nobody listens are found by the next look.
      every(lookMs, () => (open.size > 0 ? feed.look() : feed.noteBooks())),
      every(beatMs, beat),
    );
  });
  api.addHook('preClose', async () => end());
  api.route({
    method: 'GET',
    url: '/api/v1/stream',
    exposeHeadRoute: false,
    config: { scope: 'read', own: true },
    schema: {
      summary: 'Server-sent events: windows of an hour as they close, and books as they change.',
      querystring: QUERY,
      response: { 200: plainAnswer('Events as they happen, until either side ends.', TYPE) },
    },
    async handler(request, reply) {
      const { query, headers, key } = request;
      const subjects = ownSubjects(request, query.subject);
      acceptedType(request, [TYPE]);
      for (const slug of query.meter ?? [])
        if (!meters.some((meter) => meter.slug === slug))
          throw new RequestError(404, `there is no meter ${slug}`);
      // What has happened while nobody listened is no news, but to who comes back.
      if (open.size === 0) await feed.look();
      if (reply.raw.destroyed) return reply; // hung up meanwhile
      const refusal = refusalOf(open, key);
      if (refusal) {
        void reply.header('Retry-After', RETRY_SECONDS);
        throw refusal;
      }
      const its = new LiveStream({
        ...{ feed, lastId: headers['last-event-id']?.toString() },
        wants: (entry) => (!key?.subjects || isOfSubjects(entry)) && isAsked(entry, query),
        message: (entry) =>
          texts.of(entry, JSON.stringify(subjects ?? null), () =>
            liveMessage(context, entry, subjects, closing.signal),
          ),
      });
      const opened = { stream: its, request, reply };
      open.add(opened);
      reply.raw.once('close', () => open.delete(opened));
      void reply.type(TYPE).header('Cache-Control', 'no-store');
      return reply.send(Readable.from(its.texts(), { objectMode: false }));
    },
  });
}

/** Why there can be no more streams of a key; undefined where there can. */
function refusalOf(open: ReadonlySet<Open>, key: AccessKey | undefined): RequestError | undefined {
  if (open.size >= MOST_STREAMS)
    return new RequestError(503, `there are ${MOST_STREAMS} streams; come again later`);
  const own = key && [...open].filter(({ request }) => request.key?.id === key.id);
  if (own && own.length >= MOST_OF_KEY)
    return new RequestError(429, `there are ${MOST_OF_KEY} streams with this key; end one`);
  return undefined;
}

/** Whether an entry can be told to who may see some subjects only. */
function isOfSubjects(entry: LiveEntry): boolean {
  return entry.event === 'window' && !entry.isOfHosts;
}

/** Whether an entry is of what was asked for; of anything where nothing was. */
function isAsked(entry: LiveEntry, { meter, source, subject }: z.infer<typeof QUERY>): boolean {
  const isOfAll = meter === undefined && source === undefined;
  if (entry.event === 'books')
    return subject === undefined && (isOfAll || (source?.includes(entry.source) ?? false));
  if (isOfAll) return true;
  return 'meter' in entry.of
    ? (meter?.includes(entry.of.meter) ?? false)
    : (source?.includes(entry.of.source) ?? false);
}

/** What is told of an entry, made once for all who are told the same. */
class Shared {
  readonly #most: number;
  readonly #texts = new Map<LiveEntry, Map<string, Promise<string | undefined>>>();

  constructor(most: number) {
    this.#most = most;
  }

  of(
    entry: LiveEntry,
    what: string,
    make: () => Promise<string | undefined>,
  ): Promise<string | undefined> {
    const known = this.#texts.get(entry) ?? new Map<string, Promise<string | undefined>>();
    this.#texts.set(entry, known);
    const text = known.get(what) ?? this.#made(known, what, make);
    if (this.#texts.size > this.#most) this.#texts.delete(this.#texts.keys().next().value!);
    return text;
  }

  /** What cannot be told now is made anew for who comes back. */
  #made(
    known: Map<string, Promise<string | undefined>>,
    what: string,
    make: () => Promise<string | undefined>,
  ): Promise<string | undefined> {
    const text = make();
    known.set(what, text);
    text.catch(() => known.delete(what));
    return text;
  }
}

/** Does something again and again, once it is done. */
function every(ms: number, work: () => unknown): NodeJS.Timeout {
  let isBusy = false;
  return setInterval(async () => {
    if (isBusy) return;
    isBusy = true;
    try {
      await work();
    } catch (error) {
      // The store may be of use again when it is tried next.
      if (!(error instanceof DaybookError)) throw error;
    } finally {
      isBusy = false;
    }
  }, ms).unref();
}
