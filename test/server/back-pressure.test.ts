import assert from 'node:assert/strict';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, test } from 'node:test';
import { setImmediate as eventLoopTurn } from 'node:timers/promises';
import { servedStore } from '../support/server.ts';

const MIB = 1 << 20;
/** Bodies for which there is just room, together, and how long each is. */
const HELD = 4;
const BODY = 16 * MIB - 100_000;
const HEAD = `POST /api/v1/events HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: ${BODY}\r\n\r\n`;

describe('a service that is sent more than it takes', () => {
  const served = servedStore({ 'log.csv': 'acme,login,2021-03-01 00:15:00+00,1' });

  test('sends away who comes then, with when to come again, and keeps what it has begun with', async () => {
    await served.api.listen({ port: 0, host: '127.0.0.1' });
    const { port } = served.api.server.address() as AddressInfo;
    const post = async (body: string) => {
      const headers = { 'content-type': 'application/json' };
      const init = { method: 'POST', headers, body };
      const answer = await fetch(`http://127.0.0.1:${port}/api/v1/events`, init);
      return { answer, told: await answer.text() };
    };
    const event = (id: number) =>
      JSON.stringify({ specversion: '1.0', id: `${id}`, source: 's', type: 't', subject: 'kept' });

    // All but the last byte of each, so that they are held.
    const received: Socket[] = [];
    served.api.server.on('connection', (socket: Socket) => received.push(socket));
    const slow = Array.from({ length: HELD }, (_, id) => {
      const socket = connect(port, '127.0.0.1');
      socket.write(`${HEAD}${event(id).slice(0, -1)}${' '.repeat(BODY - event(id).length)}`);
      return socket;
    });
    const bytes = () => received.reduce((sum, { bytesRead }) => sum + bytesRead, 0);
    while (bytes() < HELD * (HEAD.length + BODY - 1)) await eventLoopTurn();
    const sent = await post(' '.repeat(MIB));
    assert.equal(sent.answer.status, 503, sent.told);
    assert.equal(sent.answer.headers.get('retry-after'), '1');
    assert.match(sent.told, /"detail":"more is being sent than can be kept; send it again later"/);
    const asked = await fetch(`http://127.0.0.1:${port}/api/v1/inputs`);
    assert.equal(asked.status, 200, await asked.text());

    for (const socket of slow) socket.write('}');
    for (const answer of await Promise.all(slow.map((socket) => text(socket))))
      assert.match(answer, /^HTTP\/1[.]1 204 /);
    assert.equal((await post(event(9))).answer.status, 204);
    const { body } = await served.api.inject('/api/v1/counts?source=posted&interval=1mo');
    assert.match(body, /"subject":"kept",.*"count":5,/);
  });
});
