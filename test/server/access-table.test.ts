import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import type { AccessKey, Scope } from '../../src/core/access-key.ts';
import { createKey } from '../../src/server/secret-key.ts';
import { servedStore } from '../support/server.ts';

interface Operation {
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly requestBody?: object;
}

/** What can be asked, as the OpenAPI document has it. */
interface Route {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly operation: Operation;
}

/** What shows customers what is theirs; everything else is not for them, and so is what comes to it. */
const OWN = new Set([
  ...[
    'GET /hourly',
    'GET /api/v1/counts',
    'GET /api/v1/bill',
    'GET /api/v1/bill/{subject}/sessions',
  ],
  ...['GET /api/v1/meters', 'GET /api/v1/meters/{slug}', 'GET /api/v1/meters/{slug}/subjects'],
  ...['GET /api/v1/meters/{slug}/query', 'POST /api/v1/meters/{slug}/query'],
  ...['POST /api/v1/events', 'GET /api/v1/stream'],
]);

const SCOPES = ['read', 'write', 'admin'] as const;

/** Least scope that a route takes: asking changes nothing, whatever the method. */
function scopeOf({ method, path }: Route): Scope {
  if (method === 'DELETE') return 'admin';
  return method === 'GET' || path.endsWith('/query') ? 'read' : 'write';
}

/** What a key is answered that asks for somebody: whether it is let in. */
function expected(
  route: Route,
  { scope, subjects }: Pick<AccessKey, 'scope' | 'subjects'>,
  who: string,
) {
  if (SCOPES.indexOf(scope) < SCOPES.indexOf(scopeOf(route))) return 403;
  if (!subjects) return 'let in';
  if (!OWN.has(`${route.method} ${route.path}`)) return 403;
  return asksFor(route) && !subjects.includes(who) ? 403 : 'let in';
}

/** Whether a request of the route names somebody. */
function asksFor({ method, path, operation: { parameters = [] } }: Route): boolean {
  return (
    method === 'POST' ||
    parameters.some(({ name }) => /^(subject|customer_id)$/.test(name)) ||
    path.includes('{subject}')
  );
}

describe('who is let in', () => {
  const log = ['acme', 'globex'].map((name) => `${name},login,2021-03-01 00:15:00+00,1\n`);
  const meters = [{ slug: 'logins', eventType: 'login', aggregation: 'COUNT' }] as const;
  const served = servedStore({ 'log.csv': log.join('') }, { meters });
  let routes: Route[] = [];
  let asked = 0;

  before(() => {
    const { paths = {} } = served.api.swagger() as {
      paths?: Record<string, Record<string, Operation>>;
    };
    routes = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => {
        return { method: method.toUpperCase() as Route['method'], path, operation };
      }),
    );
  });

  function token(key: Partial<AccessKey>): string {
    return createKey(served.keys, { name: 'k', scope: 'admin', created: 0, ...key }).token;
  }

  /** Asks for somebody, from an address of its own: those that fail often are told to wait. */
  async function statusOf({ method, path, operation }: Route, who: string, key?: string) {
    const words = new URLSearchParams();
    for (const { name, in: place } of operation.parameters ?? []) {
      if (place !== 'query') continue;
      if (name === 'subject' || name === 'customer_id') words.set(name, who);
      if (name === 'start') words.set(name, '2021-03-01');
      if (name === 'end') words.set(name, '2021-03-02');
    }
    const url = path.replaceAll('{subject}', who).replaceAll('{slug}', 'logins');
    const event = { specversion: '1.0', id: who, source: 's', type: 'login', subject: who };
    const payload = path.endsWith('/query')
      ? { subject: [who] }
      : path.endsWith('/events')
        ? event
        : {};
    asked++;
    const answer = await served.api.inject({
      ...{ method, url: `${url.replaceAll(/[{][^}]+[}]/g, 'x')}?${words}` },
      ...(operation.requestBody && { payload }),
      headers: key === undefined ? {} : { authorization: `Bearer ${key}` },
      ...{ remoteAddress: `10.0.${asked >> 8}.${asked & 255}`, payloadAsStream: true },
    });
    answer.stream().destroy(); // some do not end
    return answer.statusCode;
  }

  test('is nobody without a key that is of use, wherever', async () => {
    const revoked = token({});
    served.keys.revoke(revoked.slice(8, 20), Date.now());
    const useless = [undefined, 'daybook_x', token({ expires: Date.now() - 1 }), revoked];
    assert.ok(routes.length > 15);
    for (const route of routes)
      for (const key of useless)
        assert.equal(
          await statusOf(route, 'acme', key),
          401,
          `${route.method} ${route.path} ${key}`,
        );
  });

  for (const scope of SCOPES)
    for (const subjects of [undefined, ['acme'], ['globex', 'acme']])
      test(`with a key to ${scope}, of ${subjects?.join(' and ') ?? 'everybody'}, is told by route and by who is asked for`, async () => {
        const key = token({ scope, subjects });
        for (const route of routes)
          for (const who of ['acme', 'globex']) {
            const status = await statusOf(route, who, key);
            const told = `${route.method} ${route.path} of ${who}: ${status}`;
            assert.ok(status < 500, told);
            const isLetIn = status !== 401 && status !== 403;
            assert.equal(
              isLetIn ? 'let in' : status,
              expected(route, { scope, subjects }, who),
              told,
            );
          }
      });

  test('sees all that is open, and nothing else that is in no document', async () => {
    for (const [url, status] of Object.entries({
      ...{ '/docs': 200, '/openapi.json': 200, '/healthz/live': 200, '/healthz/ready': 200 },
      ...{ '/metrics': 401, '/': 401, '/nowhere': 401 },
    }))
      assert.equal(
        (await served.api.inject({ url, remoteAddress: '10.1.0.1' })).statusCode,
        status,
        url,
      );
  });
});
