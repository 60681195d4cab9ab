import type { FastifyReply, FastifyRequest } from 'fastify';
import { type AccessKey, type KeyRing, SCOPES, type Scope } from '../core/access-key.ts';
import type { Stream } from '../core/store.ts';
import { isOfHosts } from '../open/event-streams.ts';
import type { Api } from './api.ts';
import { FailedKeys } from './failed-keys.ts';
import { RequestError } from './problem.ts';
import { isInUse, keyOf } from './secret-key.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What a key must allow; a route that says nothing is for `admin`. `open` needs none. */
    readonly scope?: Scope | 'open';
    /** Whether the route shows keys of some subjects what is theirs, and nothing else: it asks `ownSubjects`. */
    readonly own?: boolean;
  }
  interface FastifyRequest {
    /** Who asks; undefined where no key is needed. */
    key: AccessKey | undefined;
  }
}

/** Names under which this machine asks itself: a page elsewhere cannot have a browser send them. */
const LOOPBACK = /^(localhost|127(\.[0-9]{1,3}){3}|\[::1\])(:[0-9]+)?$/i;

/** Who is let in may know that there is nothing in a place. */
const NOWHERE = { scope: 'read', own: true } as const;

/** Whether nobody else can reach an address. */
export function isLoopback(host: string): boolean {
  return host === '::1' || LOOPBACK.test(host);
}

/** Lets nobody in who may not: asks for keys as soon as there is one, else for this machine's own name. */
export function guard(api: Api, ring: KeyRing, now: () => number): void {
  const failures = new FailedKeys();
  api.decorateRequest('key', undefined);
  const admit = (request: FastifyRequest, reply: FastifyReply): void => {
    const { scope = 'admin', own = false } = request.is404 ? NOWHERE : request.routeOptions.config;
    if (ring.isEmpty()) {
      if (!LOOPBACK.test(request.headers.host ?? ''))
        throw new RequestError(421, 'without keys only this machine is answered, by its own name');
      // A browser asks this machine for any page, and says for which where that could change something.
      const page = request.headers.origin?.replace(/^https?:[/][/]/, '');
      if (page !== undefined && !LOOPBACK.test(page))
        throw new RequestError(403, 'without keys pages from elsewhere are not answered');
      return;
    }
    if (scope === 'open') return;
    const [, token] = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '') ?? [];
    const key = token === undefined ? undefined : keyOf(ring, token, now());
    if (!key) {
      // Whoever has a key is let in, also from where others guess.
      const waitMs = failures.note(request.ip, now());
      if (waitMs > 0) {
        void reply.header('Retry-After', String(Math.ceil(waitMs / 1000)));
        throw new RequestError(429, 'too many requests without a key that is of use; wait');
      }
      void reply.header('WWW-Authenticate', 'Bearer');
      throw new RequestError(401, 'send a key that is of use: Authorization: Bearer daybook_…');
    }
    if (SCOPES.indexOf(key.scope) < SCOPES.indexOf(scope))
      throw new RequestError(403, `this takes a key with the scope ${scope}`);
    if (key.subjects && !own) throw new RequestError(403, 'this is not for keys of some subjects');
    request.key = key;
  };
  api.addHook('onRequest', (request, reply, done) => {
    admit(request, reply);
    done();
  });
}

/** Whether who was let in would still be: keys end, and as soon as there is one nobody gets in without. */
export function isStillLetIn(ring: KeyRing, key: AccessKey | undefined, now: number): boolean {
  if (!key) return ring.isEmpty();
  const stored = ring.find(key.id);
  return stored !== undefined && isInUse(stored.key, now);
}

/**
 * Whose usage a request may see: who was asked for, else all that the key is for; undefined for everybody.
 *
 * @throws RequestError 403 - Somebody else was asked for.
 */
export function ownSubjects(
  { key }: Pick<FastifyRequest, 'key'>,
  asked: readonly string[] | undefined,
): readonly string[] | undefined {
  if (!key?.subjects) return asked;
  const own = new Set(key.subjects);
  if (asked?.every((subject) => own.has(subject)) === false)
    throw new RequestError(403, 'this key is for other subjects');
  return asked ?? key.subjects;
}

/**
 * Refuses keys of some subjects what is counted of hosts: these are no customers, whatever they are called.
 *
 * @throws RequestError 403
 */
export function refuseHosts(
  { key }: Pick<FastifyRequest, 'key'>,
  streams: readonly Stream[],
): void {
  if (key?.subjects && streams.some(isOfHosts))
    throw new RequestError(403, 'this is not for keys of some subjects');
}
