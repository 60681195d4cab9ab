import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createKey } from '../../src/server/secret-key.ts';
import { servedStore } from '../support/server.ts';

interface Operation {
  readonly summary?: string;
  readonly requestBody?: object;
  readonly responses?: Readonly<Record<string, { readonly content?: Record<string, object> }>>;
  readonly parameters?: readonly {
    readonly name: string;
    readonly in: string;
    readonly required?: boolean;
    readonly style?: string;
    readonly schema?: { readonly type?: string };
  }[];
}

/** Values for parameters that a request must have. */
const REQUIRED = new Map([
  ['customer_id', 'globex'],
  ['start', '2021-03-01'],
  ['end', '2021-03-02'],
]);

/** What is sent where there is a body: an event of somebody. */
const EVENT = { specversion: '1.0', id: '1', source: 'a', type: 'login', subject: 'globex' };

describe('every route of the API', () => {
  const log = ['acme', 'globex'].map((name) => `${name},login,2021-03-01 00:15:00+00,1\n`);
  const meters = [{ slug: 'logins', eventType: 'login', aggregation: 'COUNT' }] as const;
  const served = servedStore({ 'log.csv': log.join('') }, { meters });

  /** Each as the OpenAPI document has it, with a name for what stands in its path. */
  function operations(): { method: 'GET'; url: string; operation: Operation }[] {
    const { paths = {} } = served.api.swagger() as {
      paths?: Record<string, Record<string, Operation>>;
    };
    return Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({
        method: method.toUpperCase() as 'GET',
        url: urlOf(
          path.replaceAll('{slug}', 'logins').replaceAll(/[{][^}]+[}]/g, 'globex'),
          operation,
        ),
        operation,
      })),
    );
  }

  function urlOf(path: string, { parameters = [] }: Operation): string {
    const query = parameters.filter((parameter) => parameter.in === 'query' && parameter.required);
    const words = query.map(({ name }) => `${name}=${REQUIRED.get(name)}`);
    return words.length > 0 ? `${path}?${words.join('&')}` : path;
  }

  test('says what it is for', () => {
    assert.ok(operations().length >= 6);
    for (const { url, operation } of operations()) assert.ok(operation.summary, url);
  });

  test('says what it answers, and how it says that something is wrong', () => {
    for (const { url, operation } of operations()) {
      const { default: problem, ...answers } = operation.responses ?? {};
      assert.deepEqual(Object.keys(problem?.content ?? {}), ['application/problem+json'], url);
      const good = Object.keys(answers).filter((status) => status.startsWith('2'));
      assert.ok(good.length > 0, url);
      for (const status of good)
        for (const media of Object.values(answers[status]?.content ?? {}))
          assert.ok('schema' in media, url);
    }
  });

  test('says how members of an object are asked for', () => {
    const objects = operations().flatMap(({ operation: { parameters = [] } }) =>
      parameters.filter(
        (parameter) => parameter.in === 'query' && parameter.schema?.type === 'object',
      ),
    );
    assert.ok(objects.length > 0);
    for (const { style } of objects) assert.equal(style, 'deepObject');
  });

  test('lets nobody in without a key, or with one for somebody else', async () => {
    const key = { name: 'acme', scope: 'admin', created: 0 } as const;
    const { token } = createKey(served.keys, { ...key, subjects: ['acme'] });
    for (const { method, url, operation } of operations()) {
      assert.equal((await served.api.inject({ method, url })).statusCode, 401, url);
      const asksFor = operation.parameters?.some(({ name }) => name === 'subject') ?? false;
      const foreign =
        asksFor && !url.includes('globex')
          ? `${url}${url.includes('?') ? '&' : '?'}subject=globex`
          : url;
      const headers = { authorization: `Bearer ${token}` };
      const payload = operation.requestBody ? EVENT : '';
      const answer = await served.api.inject({ method, url: foreign, headers, payload });
      const { statusCode, body } = answer;
      if (asksFor || foreign.includes('globex'))
        assert.equal(statusCode, 403, `${foreign}: ${body}`);
      // What is not of customers, or only of those of the key, may be told.
      else assert.ok(statusCode < 500 && !/globex/.test(body), `${foreign}: ${body}`);
    }
  });

  test('is measured under its name as written, without those of customers', async () => {
    const headers = {
      authorization: `Bearer ${createKey(served.keys, { name: 'p', scope: 'read', created: 0 }).token}`,
    };
    await served.api.inject({ url: '/api/v1/bill/globex/sessions', headers });
    const { body } = await served.api.inject({ url: '/metrics', headers });
    assert.match(body, /route="\/api\/v1\/bill\/:subject\/sessions"/);
    assert.doesNotMatch(body, /globex/);
  });
});
