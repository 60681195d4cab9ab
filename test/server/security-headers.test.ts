import assert from 'node:assert/strict';
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { before, describe, test } from 'node:test';
import { servedStore } from '../support/server.ts';

const HOURS = '/hourly?customer_id=acme&start=2021-03-01T00:00Z&end=2021-03-01T00:00Z';

describe('every answer', () => {
  const served = servedStore({ 'log.csv': 'acme,login,2021-03-01 00:15:00+00,1' });
  let port = 0;
  before(async () => {
    await served.api.listen({ host: '127.0.0.1', port: 0 });
    ({ port } = served.api.server.address() as AddressInfo);
  });

  for (const [head, status] of [
    ['GET /api/v1/counts HTTP/1.1\r\nHost: localhost', 200],
    ['HEAD /api/v1/counts HTTP/1.1\r\nHost: localhost', 200],
    [`GET ${HOURS} HTTP/1.1\r\nHost: localhost\r\nIf-None-Match: *`, 304],
    ['GET /api/v1/counts HTTP/1.1\r\nHost: localhost\r\nExpect: nonsense', 417],
    ['GET /api/v1/counts HTTP/1.1', 400],
    ['GET /docs HTTP/1.1\r\nHost: localhost', 200],
    ['GET /api/v1/stream HTTP/1.0\r\nHost: localhost', 200],
    ['POST /api/v1/events HTTP/1.1\r\nHost: localhost', 415],
    ['GET /nowhere HTTP/1.1\r\nHost: localhost', 404],
    ['GET /hourly HTTP/1.1\r\nHost: localhost', 400],
    ['GET /%ff HTTP/1.1\r\nHost: localhost', 400],
    ['GET /api/v1/counts HTTP/1.1\r\nHost: evil.example', 421],
    ['no request at all', 400],
  ] as const)
    test(`(${status} to ${head.split('\r\n')[0]}) has browsers be careful, once`, async () => {
      const answer = await answerTo(head);
      const [statusLine, ...lines] = answer.slice(0, answer.indexOf('\r\n\r\n')).split('\r\n');
      assert.match(statusLine!, new RegExp(`^HTTP/1.1 ${status} `), answer);
      const headers = lines.map(
        (line) => /^([^:]+): (.+)$/.exec(line)!.slice(1) as [string, string],
      );
      const valuesOf = (asked: string) =>
        headers.filter(([name]) => name.toLowerCase() === asked).map(([, value]) => value);
      assert.deepEqual(valuesOf('x-content-type-options'), ['nosniff']);
      assert.deepEqual(valuesOf('x-frame-options'), ['SAMEORIGIN']);
      assert.match(String(valuesOf('strict-transport-security')), /^max-age=/);
      const [policy, ...others] = valuesOf('content-security-policy');
      assert.match(policy!, /default-src 'self';.*script-src 'self'/);
      assert.doesNotMatch(policy!, /upgrade-insecure-requests/);
      assert.deepEqual(others, []);
    });

  /** What is answered, as far as it has come when the next header would. */
  async function answerTo(head: string): Promise<string> {
    const socket = connect(port, '127.0.0.1');
    socket.write(`${head}\r\nConnection: close\r\n\r\n`);
    if (!head.includes('/stream')) return text(socket);
    const [first] = await Array.fromAsync(socket.take(1));
    socket.destroy();
    return String(first);
  }
});
