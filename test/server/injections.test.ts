import assert from 'node:assert/strict';
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { before, describe, test } from 'node:test';
import { INJECTIONS } from '../support/api-requests.ts';
import { servedSources } from '../support/served-sources.ts';

/** Addresses with a place for words that are of a kind, or are names of something. */
const CHECKED = [
  ...[
    '/api/v1/counts?source=',
    '/api/v1/counts?source=events&from=',
    '/api/v1/counts?source=events&tz=',
  ],
  ...['/api/v1/counts?source=events&interval=', '/api/v1/counts?source=events&value='],
  ...[
    '/hourly?customer_id=acme&start=2021-03-01&end=',
    '/hourly?customer_id=acme&start=1&end=2&meter=',
  ],
  ...[
    '/api/v1/meters/',
    '/api/v1/meters/tokens/query?groupBy=',
    '/api/v1/meters/tokens/query?windowSize=',
  ],
  ...['/api/v1/meters/tokens/query?windowTimeZone=', '/api/v1/bill?to=', '/api/v1/top?limit='],
  ...['/api/v1/hosts/acme?direction=', '/api/v1/inputs?source=', '/api/v1/stream?meter='],
];
/** With a place for words that are anybody's. */
const FREE = [
  ...['/api/v1/counts?source=events&subject=', '/api/v1/counts?source=events&type='],
  ...['/hourly?start=2021-03-01&end=2021-03-02&customer_id=', '/api/v1/bill?subject='],
  ...['/api/v1/rejects?reason=', '/api/v1/hosts/', '/api/v1/meters/logins/query?subject='],
];

describe('what would break out of a text', () => {
  const served = servedSources();
  const encoded = (word: string) => encodeURIComponent(word.toWellFormed());
  const ask = (url: string) => served.api.inject(url);
  let counts = '';

  before(async () => {
    counts = (await ask('/api/v1/counts?source=events')).body;
    assert.match(counts, /acme.*globex/s);
  });

  for (const url of CHECKED)
    test(`is refused at ${url}`, async () => {
      for (const word of INJECTIONS) {
        const { statusCode, headers, body } = await ask(url + encoded(word));
        assert.ok(statusCode >= 400 && statusCode < 500, `${word}: ${body}`);
        assert.equal(headers['content-type'], 'application/problem+json');
        assert.equal(headers['set-cookie'], undefined);
      }
    });

  for (const url of FREE)
    test(`is nobody's name at ${url}`, async () => {
      for (const word of INJECTIONS) {
        const { statusCode, headers, body } = await ask(url + encoded(word));
        assert.ok(statusCode < 500, `${word}: ${body}`);
        assert.doesNotMatch(body, /"(acme|globex)"/, word);
        assert.equal(headers['set-cookie'], undefined);
      }
    });

  test('leaves the store as it was', async () => {
    assert.equal((await ask('/api/v1/counts?source=events')).body, counts);
  });

  test('is no way to a file', async () => {
    for (const url of [
      ...[
        '/../../etc/passwd',
        '/%2e%2e/%2e%2e/etc/passwd',
        '/..%2f..%2fetc/passwd',
        '//etc/passwd',
      ],
      ...[
        '/api/v1/../../daybook.db',
        '/daybook.db',
        '/%zz',
        '/%00',
        '/api/v1/meters/%ff',
        `/${'a'.repeat(9000)}`,
      ],
      ...['/api/v1/hosts/%c0%ae%c0%ae', '/.env', '/openapi.json/..%2fkeys'],
    ]) {
      const { statusCode, headers } = await ask(url);
      assert.ok(statusCode >= 400 && statusCode < 500, `${url} ${statusCode}`);
      assert.equal(headers['content-type'], 'application/problem+json', url);
    }
  });

  test('is refused in the head of a request', async () => {
    await served.api.listen({ port: 0, host: '127.0.0.1' });
    const { port } = served.api.server.address() as AddressInfo;
    const post =
      'POST /api/v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n';
    for (const [head, status] of [
      ['GET /api/v1/inputs HTTP/1.1\r\nHost: evil.example\r\n\r\n', 421],
      ['GET http://evil.example/api/v1/inputs HTTP/1.1\r\nHost: evil.example\r\n\r\n', 421],
      ['GET /api/v1/inputs HTTP/1.1\r\nHost: localhost\r\nX: a\0b\r\n\r\n', 400],
      ['GET /api/v1/inputs HTTP/1.1\r\nHost: localhost\r\n X: a\r\n\r\n', 400],
      ['GET /api/v1/inputs\r\nX HTTP/1.1\r\nHost: localhost\r\n\r\n', 400],
      [`${post}Content-Length: 2\r\nContent-Length: 3\r\n\r\n[]`, 400],
      [`${post}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, 400],
      [`${post}Content-Length: -1\r\n\r\n[]`, 400],
      [`${post}Transfer-Encoding: chunked\r\n\r\nzz\r\n`, 400],
      [`${post}Content-Length: 2\r\nContent-Encoding: ../gzip\r\n\r\n[]`, 415],
      ['NONSENSE\r\n\r\n', 400],
      ['\x16\x03\x01\x02\0', 400],
    ] as const) {
      const socket = connect(port, '127.0.0.1');
      socket.end(head);
      const answer = await text(socket);
      assert.match(answer, new RegExp(`^HTTP/1[.]1 ${status} `), head);
      assert.match(answer, /\r\ncontent-type: application\/problem[+]json\b/i, head);
    }
  });
});
