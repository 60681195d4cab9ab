import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { before, describe, test } from 'node:test';
import { servedStore } from '../support/server.ts';

const POST =
  'POST /api/v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n';
const GET = 'GET /api/v1/inputs HTTP/1.1\r\nHost: localhost\r\n';
const MANY = 50;

describe('a server with slow clients', () => {
  const served = servedStore(
    { 'log.csv': 'acme,login,2021-03-01 00:15:00+00,1' },
    { requestMs: 500 },
  );
  let port = 0;

  before(async () => {
    await served.api.listen({ port: 0, host: '127.0.0.1' });
    ({ port } = served.api.server.address() as AddressInfo);
  });

  /** Opens a connection; what goes wrong with it is told by what is read. */
  function opened(): Socket {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    socket.on('error', () => {});
    return socket;
  }

  /** Sends a beginning, and then a byte now and then, until the connection is closed. Returns what was answered. */
  async function dripped(beginning: string, byte: string): Promise<string> {
    const socket = opened();
    socket.write(beginning);
    const timer = setInterval(() => socket.write(byte), 20);
    let answer = '';
    socket.on('data', (bytes) => {
      answer += bytes.toString();
      clearInterval(timer);
    });
    // Who writes on to a connection that was closed may lose what was to be read of it.
    const { promise, resolve } = Promise.withResolvers<void>();
    socket.on('end', resolve).on('close', resolve);
    await promise;
    clearInterval(timer);
    socket.destroy();
    return answer;
  }

  /** Asks as anybody does. */
  async function ask(): Promise<void> {
    const answer = await fetch(`http://127.0.0.1:${port}/api/v1/inputs`);
    assert.equal(answer.status, 200, await answer.text());
  }

  for (const [what, beginning, byte] of [
    ['whose heads never end', GET, 'x'],
    ['whose heads never end, line by line', GET, 'X: y\r\n'],
    ['whose bodies never end', `${POST}Content-Length: 100000\r\n\r\n[`, ' '],
    [
      'whose bodies never end, piece by piece',
      `${POST}Transfer-Encoding: chunked\r\n\r\n1\r\n[\r\n`,
      '1\r\n \r\n',
    ],
  ] as const)
    test(`sends those away ${what}, and answers others meanwhile`, async () => {
      const slow = Array.from({ length: MANY }, () => dripped(beginning, byte));
      let isOver = false;
      const over = Promise.all(slow).finally(() => {
        isOver = true;
      });
      let asked = 0;
      for (; !isOver; asked++) {
        await ask();
        await Promise.race([over, new Promise((resolve) => setTimeout(resolve, 20))]);
      }
      assert.ok(asked > 5);
      const answers = (await over).filter((answer) => answer !== '');
      assert.ok(answers.length > MANY / 2, `${answers.length} were told why`);
      for (const answer of answers) {
        assert.match(answer, /^HTTP\/1[.]1 408 Request Timeout\r\n/);
        assert.match(answer, /\r\nContent-Type: application\/problem[+]json\r\n/);
      }
    });

  test('does not wait for who says nothing', async () => {
    const silent = Array.from({ length: MANY }, opened);
    await Promise.all(silent.map((socket) => once(socket, 'connect')));
    await Promise.all(silent.map((socket) => text(socket)));
    for (const socket of silent) socket.destroy();
  });

  test('answers who has closed its side behind a request', async () => {
    const socket = opened();
    socket.end(`${GET}\r\n`);
    assert.match(await text(socket), /^HTTP\/1[.]1 200 /);
  });

  test('lets go of who closes its side within a request, and keeps nothing of it', async () => {
    const event = { specversion: '1.0', id: '1', source: 's', type: 't', subject: 'torn' };
    const body = JSON.stringify([event, event]);
    for (const beginning of [
      ...['', 'GET', GET],
      `${POST}Content-Length: ${body.length}\r\n\r\n${body.slice(0, -1)}`,
      `${POST}Transfer-Encoding: chunked\r\n\r\n${(body.length - 1).toString(16)}\r\n${body.slice(0, -1)}\r\n`,
    ]) {
      const socket = opened();
      socket.end(beginning);
      assert.doesNotMatch(await text(socket), /^HTTP\/1[.]1 2/);
    }
    const hour = 'start=2021-03-01T00:00Z&end=2021-03-02T00:00Z';
    const { body: found } = await served.api.inject(`/hourly?customer_id=torn&${hour}`);
    assert.doesNotMatch(found, /"count":[1-9]/);
  });
});
