import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { newFolder } from '../support/live.ts';
import { Served } from '../support/served.ts';

/** More in the long form. */
const IDLE = Number(process.env['DAYBOOK_IDLE_CONNECTIONS'] ?? 2000);
const BODY_MIB = Number(process.env['DAYBOOK_BODY_MIB'] ?? 64);
/** Bodies that wait take 64 MiB at most; what they are unpacked and read to, as much again and more. */
const MOST_MORE_MIB = 400;

describe('a server that is flooded', { skip: process.platform !== 'linux' }, () => {
  let folder: ReturnType<typeof newFolder>;
  let server: Served;
  let port = 0;
  let usualMib = 0;

  before(async () => {
    folder = newFolder({ 'events.csv': 'acme,login,1,2021-03-01T09:00:00Z\n' });
    server = await Served.start(folder.path, ['events.csv']);
    port = Number(new URL(server.address).port);
    await post('[]', {});
    usualMib = mib();
  });

  after(async () => {
    server.child.kill('SIGKILL');
    folder[Symbol.dispose]();
  });

  /** Memory of the server. */
  function mib(): number {
    const status = readFileSync(`/proc/${server.child.pid}/status`, 'utf8');
    return Number(/^VmRSS:\s*([0-9]+) kB$/m.exec(status)![1]) / 1024;
  }

  function post(body: string | Uint8Array, headers: Record<string, string>): Promise<Response> {
    return fetch(`${server.address}/api/v1/events`, {
      ...{ method: 'POST', headers: { 'content-type': 'application/json', ...headers } },
      body: body as Uint8Array<ArrayBuffer>,
    });
  }

  /** Others are answered, soon; and memory is what it was, or not much more. */
  async function check(): Promise<void> {
    const start = performance.now();
    const answer = await fetch(
      `${server.address}/hourly?customer_id=acme&start=2021-03-01&end=2021-03-02`,
    );
    assert.equal(answer.status, 200);
    assert.match(await answer.text(), /"count":1,/);
    assert.ok(performance.now() - start < 5000);
    assert.ok(mib() - usualMib < MOST_MORE_MIB, `${usualMib} MiB before, ${mib()} MiB now`);
  }

  function opened(): Socket {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.on('error', () => {});
    return socket;
  }

  test('with heads refuses them', async () => {
    for (const lines of [
      `X: ${'a'.repeat(20_000)}\r\n`,
      Array.from({ length: 2000 }, (_, i) => `X${i}: y\r\n`).join(''),
    ]) {
      const socket = opened();
      socket.write(`GET /api/v1/inputs HTTP/1.1\r\nHost: localhost\r\n${lines}\r\n`);
      const answer = await text(socket);
      assert.match(answer, /^HTTP\/1[.]1 431 Request Header Fields Too Large\r\n/);
      assert.match(answer, /\r\nContent-Type: application\/problem[+]json\r\n/);
    }
    await check();
  });

  test('with what is far longer unpacked refuses it', async () => {
    const mega = Buffer.alloc(1 << 20, ' ');
    const bomb = gzipSync(Buffer.concat(Array.from({ length: 64 }, () => mega)));
    const members = Buffer.concat(Array.from({ length: 64 }, () => gzipSync(mega)));
    for (const [what, body, encoding, status] of [
      ['a bomb', bomb, 'gzip', 413],
      ['one of many members', members, 'gzip', 413],
      ['one within another', gzipSync(bomb), 'gzip', 400],
      ['said to be one within another', gzipSync(bomb), 'gzip, gzip', 415],
      ['zstd', zstdCompressSync(mega), 'zstd', 415],
      ['none at all', Buffer.from('[]'), 'gzip', 400],
      ['cut short', bomb.subarray(0, 1000), 'gzip', 400],
    ] as const) {
      const headers = { 'content-encoding': encoding };
      const answers = await Promise.all(Array.from({ length: 3 }, () => post(body, headers)));
      for (const answer of answers) {
        assert.equal(answer.status, status, `${what}: ${await answer.text()}`);
        assert.equal(answer.headers.get('content-type'), 'application/problem+json');
      }
    }
    await check();
  });

  test(`with bodies of ${BODY_MIB} MiB refuses them`, async () => {
    const mega = Buffer.alloc(1 << 20, ' ');
    const length = BODY_MIB << 20;
    const head =
      'POST /api/v1/events HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n';
    for (const [framing, piece] of [
      [`Content-Length: ${length}`, mega],
      [
        'Transfer-Encoding: chunked',
        Buffer.concat([Buffer.from('100000\r\n'), mega, Buffer.from('\r\n')]),
      ],
    ] as const) {
      const socket = opened();
      const answer = text(socket).catch(() => '');
      socket.write(`${head}${framing}\r\n\r\n`);
      let sent = 0;
      let wake = () => {};
      for (const event of ['drain', 'close']) socket.on(event, () => wake());
      for (; sent < BODY_MIB && socket.writable; sent++) {
        const more = new Promise<void>((resolve) => {
          wake = resolve;
        });
        if (!socket.write(piece)) await more;
      }
      // Who sends on after it was told is cut off, and may not have read why.
      assert.match(await answer, /^(HTTP\/1[.]1 413 |$)/);
      assert.ok(sent < BODY_MIB, 'all of it was taken');
      socket.destroy();
    }
    await check();
  });

  test('with questions that have no end to their answers answers others', async () => {
    const far = 'subject=acme&interval=10s&from=0&to=253402300799000';
    const stopping = new AbortController();
    const { signal } = stopping;
    const late = setTimeout(() => stopping.abort(), 20_000);
    const readAll = async (): Promise<void> => {
      const { body } = await fetch(`${server.address}/api/v1/counts?${far}`, { signal });
      for await (const _ of body!);
    };
    const reading = Promise.allSettled([readAll(), readAll()]);
    try {
      for (let i = 0; i < 5; i++) await check();
      assert.equal(signal.aborted, false);
    } finally {
      clearTimeout(late);
      stopping.abort();
      await reading;
    }
    await check();
  });

  test('with bodies that are just not too long takes no more than it can hold', async () => {
    const body = Buffer.alloc(15 << 20, ' ');
    const answers = await Promise.all(
      Array.from({ length: 24 }, () =>
        post(body, {}).then(
          ({ status }) => status,
          () => 0,
        ),
      ),
    );
    // Blanks are no events. Who is told to come again later may be cut off before it has read that.
    assert.ok(
      answers.every((status) => [0, 400, 503].includes(status)),
      `${answers}`,
    );
    assert.ok(answers.includes(400));
    await check();
  });

  test(`with ${IDLE} connections answers others`, async () => {
    const sockets: Socket[] = [];
    try {
      while (sockets.length < IDLE) {
        const some = Array.from({ length: 100 }, opened);
        await Promise.all(some.map((socket) => once(socket, 'connect')));
        // Half of them have begun with a request.
        for (const [i, socket] of some.entries())
          if (i % 2) socket.write('GET /api/v1/inputs HTTP/1.1\r\n');
        sockets.push(...some);
      }
      await check();
    } finally {
      for (const socket of sockets) socket.destroy();
    }
    await check();
  });
});
