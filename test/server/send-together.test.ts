import assert from 'node:assert/strict';
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { after, before, beforeEach, describe, test } from 'node:test';
import { setTimeout as delay, setImmediate as eventLoopTurn } from 'node:timers/promises';
import { fastify } from 'fastify';
import { type LogFields, SILENT } from '../../src/core/log.ts';
import type { Api } from '../../src/server/api.ts';
import { sendTogether } from '../../src/server/send-together.ts';

describe('answers of a turn', () => {
  const happened: string[] = [];
  const failures: LogFields[] = [];
  const api = fastify() as unknown as Api;

  before(async () => {
    sendTogether(api, { ...SILENT, error: (_, fields = {}) => void failures.push(fields) });
    api.get('/:name', (request, reply) => {
      happened.push(`made ${request.url}`);
      reply.raw.once('prefinish', () => happened.push(`sent ${request.url}`));
      if (request.url === '/unfit') void reply.header('X-Unfit', 'a\nb');
      return reply.send('well');
    });
    api.get('/later/:name', async (request) => {
      happened.push(`made ${request.url}`);
      const until = performance.now() + 3;
      while (performance.now() < until);
      await eventLoopTurn();
      return 'well';
    });
    api.setErrorHandler((error, _request, reply) =>
      reply.status(500).send(`failed: ${(error as Error).message}`),
    );
    api.get('/failing/:when', async (request, reply) => {
      void reply.send('well');
      if (request.url === '/failing/later') await delay(10);
      throw new Error(request.url);
    });
    await api.listen({ host: '127.0.0.1', port: 0 });
  });
  after(() => api.close());
  beforeEach(() => {
    happened.splice(0);
    failures.splice(0);
  });

  /** Asks for several at once, over one connection, and returns what comes. */
  async function asked(...paths: string[]): Promise<string> {
    const { port } = api.server.address() as AddressInfo;
    const client = connect(port, '127.0.0.1');
    const requests = paths.map((path, i) => {
      const connection = i === paths.length - 1 ? 'close' : 'keep-alive';
      return `GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: ${connection}\r\n\r\n`;
    });
    client.write(requests.join(''));
    return text(client);
  }

  test('are all made before the first is sent', async () => {
    const answers = await asked('/a', '/b', '/c');
    assert.equal(answers.match(/200 OK/g)?.length, 3);
    const made = ['made /a', 'made /b', 'made /c'];
    assert.deepEqual(happened, [...made, 'sent /a', 'sent /b', 'sent /c']);
  });

  test('do not wait for all that is begun within the turn', async () => {
    await asked('/a', '/later/b', '/later/c', '/later/d');
    const [sent, begun] = ['sent /a', 'made /later/c'].map((what) => happened.indexOf(what));
    assert.ok(sent! >= 0 && sent! < begun!, happened.join(', '));
  });

  test('are failures where a handler fails behind its answer within the turn', async () => {
    const [first, , third] = (await asked('/a', '/failing/at-once', '/b'))
      .split('HTTP/1.1 ')
      .slice(1);
    assert.match(String(first), /^200 OK\r\n.*well$/s);
    assert.match(String(third), /^200 OK\r\n.*well$/s);
    const answer = await asked('/failing/at-once');
    assert.match(
      answer,
      /^HTTP\/1.1 500 .*\r\ncontent-length: 24\r\n.*failed: [/]failing[/]at-once$/s,
    );
    assert.equal(answer.match(/HTTP[/]1.1/g)?.length, 1);
    assert.match(await asked('/failing/later'), /^HTTP\/1.1 200 OK\r\n.*well$/s);
    assert.deepEqual(failures, []);
  });

  test('are sent also where one cannot be', async () => {
    assert.equal(await asked('/unfit'), '');
    assert.match(JSON.stringify(failures), /Invalid character in header content/);
    assert.match(await asked('/a'), /200 OK/);
  });
});
