import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { describe, test } from 'node:test';
import { setTimeout as delay, setImmediate as eventLoopTurn } from 'node:timers/promises';
import { servedStore } from '../support/server.ts';

describe('a server that is told to close', () => {
  const served = servedStore({ 'log.csv': 'acme,login,2021-03-01 00:15:00+00,1' });

  test('answers what is under way, and sends away what comes', async () => {
    const { api } = served;
    await api.listen({ port: 0, host: '127.0.0.1' });
    const socket = connect((api.server.address() as AddressInfo).port, '127.0.0.1');
    const head = 'POST /api/v1/events HTTP/1.1\r\nHost: 127.0.0.1\r\n';
    const arrived = once(api.server, 'request');
    socket.write(`${head}Content-Type: application/json\r\nContent-Length: 2\r\n\r\n[`);
    await arrived;
    const closed = api.close();
    while (api.server.listening) await eventLoopTurn();
    socket.write(']GET /hourly HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n');
    const [own, other] = (await text(socket)).split(/(?<!^)(?=HTTP\/1[.]1 )/);
    assert.match(own!, /^HTTP\/1[.]1 204 /);
    assert.match(other!, /^HTTP\/1[.]1 503 /);
    assert.match(other!, /\r\nretry-after: 1\r\n/i);
    assert.match(other!, /\r\ncontent-type: application\/problem[+]json\b/);
    assert.match(other!, /"status":503,"title":"Service Unavailable"/);
    await closed;
  });
});

describe('a server that is told to close while somebody does not read', () => {
  const rows = Array.from({ length: 100_000 }, (_, n) => `user${n},login,2021-03-01 00:15:00+00,1`);
  const served = servedStore({ 'log.csv': rows.join('\n') }, { stopMs: 300 });

  test('cuts off that answer after a while', async () => {
    const { api } = served;
    await api.listen({ port: 0, host: '127.0.0.1' });
    const socket = connect((api.server.address() as AddressInfo).port, '127.0.0.1').pause();
    socket.on('error', () => {});
    const [answering] = await Promise.all([
      once(api.server, 'request'),
      socket.write('GET /api/v1/counts?interval=1d HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n'),
    ]);
    const [, response] = answering as [unknown, ServerResponse];
    while (!response.writableNeedDrain) await delay(10);
    await api.close();
    assert.equal(response.writableFinished, false);
    socket.destroy();
  });
});

describe('a server that is told to close while somebody reads slowly', () => {
  const served = servedStore({ 'log.csv': 'acme,login,2021-03-01 00:15:00+00,1' });

  test('sends an answer that was made to its end', async () => {
    const { api } = served;
    await api.listen({ port: 0, host: '127.0.0.1' });
    const { port } = api.server.address() as AddressInfo;
    const [socket, idle] = [connect(port, '127.0.0.1').pause(), connect(port, '127.0.0.1')];
    const range = 'start=2013-01-01T00:00Z&end=2022-12-31T00:00Z';
    const [answering] = await Promise.all([
      once(api.server, 'request'),
      socket.write(`GET /hourly?customer_id=acme&${range} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`),
    ]);
    const [, response] = answering as [unknown, ServerResponse];
    while (!response.writableEnded) await delay(10);
    assert.equal(response.writableFinished, false);
    const closed = api.close();
    await delay(50);
    const [head, body] = (await text(socket)).split('\r\n\r\n');
    assert.match(head!, new RegExp(`^content-length: ${body!.length}\r`, 'im'));
    await closed;
    assert.ok(idle.destroyed || (await once(idle.resume(), 'close')));
  });
});
