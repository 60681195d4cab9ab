import assert from 'node:assert/strict';
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { before, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import type { AccessKey } from '../../src/core/access-key.ts';
import { DaybookError } from '../../src/core/errors.ts';
import { createKey } from '../../src/server/secret-key.ts';
import { EventReader, type ReadEvent } from '../support/event-reader.ts';
import { servedStore } from '../support/server.ts';

const LOG = 'acme,login,2021-03-01 00:15:00+00,1';
const METERS = [
  { slug: 'calls', source: 'posted', eventType: 'call', aggregation: 'COUNT' },
  { slug: 'tokens', source: 'posted', aggregation: 'SUM', valueProperty: '$.n' },
] as const;
const live = { lookMs: 10, beatMs: 50 };
const START = Date.UTC(2021, 3, 1);
const HOUR = 3_600_000;

/** Events of an hour since the start: of whom, how many minutes into it. */
function eventsOf(hour: number, ...events: readonly (readonly [string, number])[]): object[] {
  return events.map(([subject, minute]) => ({
    ...{ specversion: '1.0', source: 's', type: 'call', subject, data: { n: '0.1' } },
    id: `${hour} ${subject} ${minute}`,
    time: new Date(START + hour * HOUR + minute * 60_000).toISOString(),
  }));
}

/** What windows say, in few words. */
function shown(events: readonly ReadEvent[]): string[] {
  return events.map(({ data }) => {
    const { window_start: start, windows, state } = data;
    const hour = (Date.parse(String(start)) - START) / HOUR;
    const rows = (data['data'] as { subject: string | null; value: number }[]).map(
      ({ subject, value }) => `${subject} ${value}`,
    );
    return `${data['meter'] ?? data['source']} ${hour}+${windows} ${state}: ${rows}`;
  });
}

/** Reads up to the end of an hour, or to where it is told that some is lost. */
async function untilHour(reader: EventReader, hour: number): Promise<void> {
  const end = START + hour * HOUR;
  for (;;) {
    const [{ event, data }] = (await reader.take(1)) as [ReadEvent];
    if (event === 'reset' || Date.parse(String(data['window_end'])) === end) return;
  }
}

describe('GET /api/v1/stream', () => {
  const served = servedStore({ 'log.csv': LOG }, { meters: METERS, live: { ...live, most: 16 } });
  let url = '';
  let authorization = '';
  let hour = 0;

  before(async () => {
    authorization = bearer({ scope: 'write' });
    await served.api.listen({ port: 0, host: '127.0.0.1' });
    url = `http://127.0.0.1:${(served.api.server.address() as AddressInfo).port}/api/v1/stream`;
    await post(eventsOf(0, ['acme', 1]));
  });

  function bearer(key: Partial<AccessKey> = {}): string {
    return `Bearer ${createKey(served.keys, { name: 'k', scope: 'read', created: 0, ...key }).token}`;
  }

  async function post(events: readonly object[]): Promise<void> {
    const answer = await served.api.inject({
      ...{ method: 'POST', url: '/api/v1/events', headers: { authorization }, payload: events },
    });
    assert.equal(answer.statusCode, 204, answer.body);
  }

  /** Posts an event of each in the next hour, so that the hour before closes. */
  const next = (...subjects: readonly string[]) =>
    post(eventsOf(++hour, ...subjects.map((subject) => [subject, 5] as const)));

  const open = (query: string, headers = {}) =>
    EventReader.open(`${url}?${query}`, { authorization, ...headers });

  test('tells windows as they close, and the books of their input', async () => {
    await using reader = await open('');
    await next('acme', 'globex');
    await next('acme');
    const events: ReadEvent[] = [];
    const of = (kind: string) => events.filter(({ event }) => event === kind);
    while (of('window').length < 6 || of('books').length === 0)
      events.push(...(await reader.take(1)));
    assert.deepEqual(shown(of('window')).sort(), [
      `calls ${hour - 2}+1 final: null 1`,
      `calls ${hour - 1}+1 final: null 2`,
      `posted ${hour - 2}+1 final: null 1`,
      `posted ${hour - 1}+1 final: null 2`,
      `tokens ${hour - 2}+1 final: null 0.1`,
      `tokens ${hour - 1}+1 final: null 0.2`,
    ]);
    const { source, books } = of('books')[0]!.data as { source: string; books: { read: number } };
    assert.equal(source, 'posted');
    assert.ok(books.read >= 3);
  });

  test('tells of what was asked for: meters, sources, and subjects apart', async () => {
    await using meter = await open('meter=tokens&subject=acme&subject=globex');
    await using source = await open('source=posted&subject=nobody');
    await next('acme', 'globex');
    await next('acme');
    const at = hour;
    assert.deepEqual(
      shown(await meter.take(2)).at(-1),
      `tokens ${at - 1}+1 final: acme 0.1,globex 0.1`,
    );
    assert.deepEqual(shown(await source.take(2)).at(-1), `posted ${at - 1}+1 final: `);
    const { status } = await fetch(`${url}?meter=nothing`, { headers: { authorization } });
    assert.equal(status, 404);
  });

  test('tells a key of a subject of its windows, and nothing else', async () => {
    const own = { authorization: bearer({ subjects: ['acme'] }) };
    for (const subject of ['globex', 'acme&subject=globex'])
      assert.equal((await fetch(`${url}?subject=${subject}`, { headers: own })).status, 403);
    await using all = await open('');
    await using reader = await open('', own);
    await next('acme', 'globex');
    await next('globex');
    await next('acme');
    const told = await reader.take(9);
    assert.ok(shown(told).every((text) => /: (acme [0-9.]+)?$/.test(text)));
    const ids: string[] = [];
    while (ids.length < told.length) {
      const { event, id } = (await all.next())!;
      if (event === 'window') ids.push(id);
    }
    assert.deepEqual(
      told.map(({ id }) => id),
      ids,
    );
  });

  test('goes on for who comes back, without loss or repeats', async () => {
    await using steady = await open('meter=calls');
    const ids: string[] = [];
    let headers = {};
    for (let visit = 0; visit < 3; visit++) {
      await using reader = await open('meter=calls', headers);
      await next('acme');
      ids.push(...(await reader.take(visit === 0 ? 1 : 2)).map(({ id }) => id));
      headers = { 'last-event-id': reader.lastId };
      await reader[Symbol.asyncDispose]();
      await next('acme'); // while nobody is there
    }
    const seen = await steady.take(ids.length);
    assert.deepEqual(
      seen.map(({ id }) => id),
      ids,
    );
  });

  test('says so where what came since is not kept any more, and goes on', async () => {
    await using first = await open('meter=calls');
    const { lastId } = first;
    hour += 20;
    await next('acme');
    await untilHour(first, hour);
    for (const id of [lastId, 'zz-1', 'x', `${lastId.split('-')[0]}-999999`]) {
      await using reader = await open('meter=calls', { 'last-event-id': id });
      const [reset] = await reader.take(1);
      assert.equal(reset!.event, 'reset', id);
      await next('acme');
      assert.deepEqual(shown(await reader.take(1)), [`calls ${hour - 1}+1 final: null 1`]);
    }
  });

  test('says now and then that it lives, and from where one may go on', async () => {
    await using reader = await open('source=events');
    await using other = await open('source=posted');
    const { lastId } = reader;
    await next('acme');
    await untilHour(other, hour);
    while (reader.comments < 3 || reader.lastId === lastId) await reader.beat();
  });

  test('ends for a key that is revoked', async () => {
    const revoked = bearer({ scope: 'read' });
    await using reader = await open('source=events', { authorization: revoked });
    served.keys.revoke(revoked.slice('Bearer daybook_'.length).slice(0, 12), Date.now());
    await assert.rejects(reader.next());
  });

  test('leaves others a place, however many one key asks for', async () => {
    const [greedy, other] = [bearer(), bearer()];
    const opened: IncomingMessage[] = [];
    const ask = async (key: string): Promise<number> => {
      const asked = get(url, { headers: { authorization: key }, agent: false });
      const [answer] = (await once(asked, 'response')) as [IncomingMessage];
      opened.push(answer);
      return answer.statusCode!;
    };
    try {
      for (let i = 0; i < 100; i++) assert.equal(await ask(greedy), 200);
      assert.equal(await ask(greedy), 429);
      assert.equal(opened.at(-1)!.headers['retry-after'], '5');
      assert.equal(await ask(other), 200);
    } finally {
      for (const answer of opened) answer.destroy();
    }
  });

  test('is for who takes server-sent events', async () => {
    for (const [accept, status] of [
      ['application/json', 406],
      ['text/event-stream;q=0', 406],
    ] as const)
      assert.equal((await fetch(url, { headers: { authorization, accept } })).status, status);
  });

  test('ends when the service stops', async () => {
    const reader = await open('source=events');
    const ended = reader.next();
    await served.api.close();
    assert.equal(await ended, undefined);
  });
});

describe('a reader of /api/v1/stream that stops to read', () => {
  const served = servedStore({ 'log.csv': LOG }, { meters: METERS, live });

  test('is let go of, and can come back', async () => {
    const names = Array.from({ length: 1000 }, (_, i) => `${i} `.padEnd(250, 'x'));
    const [authorization, own] = [{ scope: 'write' }, { subjects: names }].map(
      (key) =>
        `Bearer ${createKey(served.keys, { name: 'k', scope: 'read', created: 0, ...(key as object) }).token}`,
    ) as [string, string];
    await served.api.listen({ port: 0, host: '127.0.0.1' });
    const { port } = served.api.server.address() as AddressInfo;
    const url = `http://127.0.0.1:${port}/api/v1/stream?meter=calls`;
    await using other = await EventReader.open(url, { authorization });
    const arrived = once(served.api.server, 'request') as Promise<[IncomingMessage]>;
    const socket = connect(port, '127.0.0.1');
    socket.write(
      `GET /api/v1/stream?meter=calls HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: ${own}\r\n\r\n`,
    );
    const [request] = await arrived;
    const closed = once(request.socket, 'close');
    let isClosed = false;
    void closed.then(() => {
      isClosed = true;
    });
    await once(socket, 'data');
    socket.pause();
    const { lastId } = other;
    // A quarter of a megabyte an hour: soon more than the buffers of a connection hold.
    for (let hour = 0; !isClosed; hour += 10) {
      assert.ok(hour < 200, 'it is still held');
      const events = Array.from({ length: 10 }, (_, i) =>
        eventsOf(hour + i, ...names.map((name) => [name, 5] as const)),
      );
      const posted = await served.api.inject({
        ...{ method: 'POST', url: '/api/v1/events', headers: { authorization } },
        payload: events.flat(),
      });
      assert.equal(posted.statusCode, 204, posted.body);
      await untilHour(other, hour + 9);
      await Promise.race([closed, delay(200)]);
    }
    socket.destroy();
    await using reader = await EventReader.open(url, {
      authorization: own,
      'last-event-id': lastId,
    });
    const [first] = await reader.take(1);
    assert.equal((first!.data['data'] as object[]).length, 1000);
  });
});

describe('a stream of a connection log', () => {
  const connections = [5, 65].map((minute) => `${START + minute * 60_000} acme db`).join('\n');
  let through = START;
  const served = servedStore(
    { 'a.connection-log': connections },
    {
      ...{ live, format: 'connection-log' },
      completeThrough: (source) => (source === 'events' ? through : undefined),
    },
  );

  test('tells keys of a subject nothing of hosts that are called the same', async () => {
    const [authorization, own] = [{ scope: 'write' as const }, { subjects: ['acme'] }].map(
      (key) =>
        `Bearer ${createKey(served.keys, { name: 'k', scope: 'read', created: 0, ...key }).token}`,
    ) as [string, string];
    await served.api.listen({ port: 0, host: '127.0.0.1' });
    const { port } = served.api.server.address() as AddressInfo;
    const url = `http://127.0.0.1:${port}/api/v1/stream`;
    await using all = await EventReader.open(`${url}?source=events`, { authorization });
    await using reader = await EventReader.open(url, { authorization: own });
    through = START + HOUR;
    assert.deepEqual(shown(await all.take(1)), ['events 0+1 final: null 1']);
    for (const hour of [0, 1]) {
      const payload = eventsOf(hour, ['acme', 5]);
      const asked = { method: 'POST', url: '/api/v1/events', payload } as const;
      await served.api.inject({ ...asked, headers: { authorization } });
    }
    assert.deepEqual(shown(await reader.take(1)), ['posted 0+1 final: acme 1']);
  });
});

describe('a stream that nobody reads', () => {
  const served = servedStore({ 'log.csv': LOG }, { meters: METERS, live });
  let url = '';

  before(async () => {
    await served.api.listen({ port: 0, host: '127.0.0.1' });
    const { port } = served.api.server.address() as AddressInfo;
    url = `http://127.0.0.1:${port}/api/v1/stream`;
  });

  async function post(hour: number): Promise<void> {
    const payload = eventsOf(hour, ['acme', 5]);
    const asked = { method: 'POST', url: '/api/v1/events', payload } as const;
    assert.equal((await served.api.inject(asked)).statusCode, 204);
  }

  test('asks the store nothing, and tells who comes back what has closed', async (context) => {
    await post(0);
    const streams = context.mock.method(served.store, 'streams');
    await delay(10 * live.lookMs);
    assert.equal(streams.mock.callCount(), 0);
    const reader = await EventReader.open(`${url}?meter=calls`);
    await post(1);
    await untilHour(reader, 1);
    const headers = { 'last-event-id': reader.lastId };
    await reader[Symbol.asyncDispose]();
    for (const hour of [2, 3, 4]) await post(hour);
    await using other = await EventReader.open(`${url}?meter=calls`, headers);
    assert.deepEqual(shown(await other.take(3)), [
      'calls 1+1 final: null 1',
      'calls 2+1 final: null 1',
      'calls 3+1 final: null 1',
    ]);
  });

  test('tells who comes back what could not be told before', async (context) => {
    const busy = new DaybookError('STORE_UNUSABLE', 'busy', { cause: new Error('busy') });
    const { store } = served;
    const input = context.mock.method(store, 'input', () => Promise.reject(busy), { times: 1 });
    const reader = await EventReader.open(`${url}?source=posted`);
    await post(5);
    await assert.rejects(async () => {
      while (await reader.next());
    });
    assert.equal(input.mock.callCount(), 1);
    const headers = { 'last-event-id': reader.lastId };
    await using other = await EventReader.open(`${url}?source=posted`, headers);
    for (;;) if ((await other.next())?.event === 'books') break;
  });
});
