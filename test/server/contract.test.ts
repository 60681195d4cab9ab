import assert from 'node:assert/strict';
import type { AddressInfo } from 'node:net';
import { before, describe, test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { type ApiRequest, apiRequests, type Operation } from '../support/api-requests.ts';
import { servedSources } from '../support/served-sources.ts';

const RUNS = 2000;
const SOCKET_RUNS = 300;

/** What came of a request. */
interface Answered {
  readonly status: number;
  readonly type: string | undefined;
  readonly body: string;
}

describe('the contract of the API', () => {
  const served = servedSources();
  const ajv = new Ajv2020({ strict: false });
  let paths: Readonly<Record<string, Record<string, Operation>>> = {};

  before(async () => {
    const { payload } = await served.api.inject('/openapi.json');
    ({ paths } = JSON.parse(payload) as { paths: typeof paths });
  });

  /** Whether a schema says yes; `why` says why not. */
  function fits(schema: object, value: unknown): boolean {
    return ajv.validate(schema, value);
  }

  function check(request: ApiRequest, { status, type, body }: Answered): void {
    const told = () =>
      `${request.method} ${request.url} ${request.payload}\n${status} ${type} ${body}`;
    assert.ok(status < 500, told());
    const { responses } = request.operation;
    const response = status >= 400 ? responses['default'] : responses[status];
    assert.ok(response, told());
    if (status >= 400) {
      assert.equal(type, 'application/problem+json', told());
      assert.equal((JSON.parse(body) as { status: number }).status, status);
    }
    if (!response.content) {
      assert.equal(body, '', told());
      return;
    }
    const [media = ''] = type?.split(';') ?? [];
    const content = response.content[media];
    assert.ok(content, told());
    if (media === 'application/json' || media === 'application/problem+json')
      assert.ok(fits(content.schema, JSON.parse(body)), `${told()}\n${ajv.errorsText()}`);
    if (media === 'application/x-ndjson')
      for (const line of body.split('\n').slice(0, -1)) JSON.parse(line);
    if (status < 300) assert.ok(isRight(request), `it is taken though it is wrong: ${told()}`);
  }

  /** Whether the document says that a request may be sent. */
  function isRight({ operation, query }: ApiRequest): boolean {
    const known = new Map(operation.parameters?.map((parameter) => [parameter.name, parameter]));
    const given = Object.entries(query);
    const needed = [...known.values()].filter((it) => it.in === 'query' && it.required);
    return (
      needed.every(({ name }) => Object.hasOwn(query, name)) &&
      given.every(([name, words]) => {
        const schema = known.get(name)?.schema;
        if (Array.isArray(words) && words.length === 0) return true; // not sent
        const value = Array.isArray(words) && words.length === 1 ? words[0] : words;
        if (schema === undefined) return /^filterGroupBy\[.+\]$/s.test(name);
        return fits(schema, schema.type === 'integer' ? Number(value) : value);
      })
    );
  }

  async function injected({ method, url, headers, payload }: ApiRequest): Promise<Answered> {
    const options = { method: method as 'GET', url, headers, payload: payload ?? '' };
    const answer = await served.api.inject({ ...options, payloadAsStream: true });
    const type = answer.headers['content-type']?.toString();
    const { statusCode: status } = answer;
    const stream = answer.stream();
    // What goes on for ever is let go of.
    if (type?.startsWith('text/event-stream')) {
      stream.destroy();
      return { status, type, body: '' };
    }
    const pieces = (await stream.toArray()) as Buffer[];
    return { status, type, body: Buffer.concat(pieces).toString() };
  }

  test('holds for requests right and wrong', async () => {
    const statuses = new Map<string, number>();
    await fc.assert(
      fc.asyncProperty(apiRequests(paths), async (request) => {
        const answer = await injected(request);
        const key = `${request.method} ${request.path} ${answer.status < 400 ? 'right' : 'wrong'}`;
        statuses.set(key, (statuses.get(key) ?? 0) + 1);
        check(request, answer);
      }),
      { numRuns: RUNS, seed: 20210301 },
    );
    for (const [path, methods] of Object.entries(paths))
      for (const method of Object.keys(methods))
        assert.ok(statuses.has(`${method.toUpperCase()} ${path} right`), `${method} ${path}`);
  });

  test('holds over a socket', async () => {
    await served.api.listen({ port: 0, host: '127.0.0.1' });
    const { port } = served.api.server.address() as AddressInfo;
    await fc.assert(
      fc.asyncProperty(apiRequests(paths), async (request) => {
        const { method, url, headers, payload } = request;
        const abort = new AbortController();
        const init = { method, headers, signal: abort.signal, ...(payload && { body: payload }) };
        const answer = await fetch(`http://127.0.0.1:${port}${url}`, init);
        const type = answer.headers.get('content-type') ?? undefined;
        const isEndless = type?.startsWith('text/event-stream') ?? false;
        const body = isEndless ? '' : await answer.text();
        abort.abort();
        check(request, { status: answer.status, type, body });
      }),
      { numRuns: SOCKET_RUNS, seed: 20210302 },
    );
  });
});
