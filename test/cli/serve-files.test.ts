import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, readdirSync } from 'node:fs';
import { describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { daybook } from '../support/cli.ts';
import { EventReader } from '../support/event-reader.ts';
import { newFolder } from '../support/live.ts';
import { Served } from '../support/served.ts';

const HOUR = 'start=2021-03-01T09:00Z&end=2021-03-01T10:00Z';
const row = (clock: string, subject = 'acme') => `${subject},login,1,2021-03-01T${clock}Z\n`;

/** Serves files of a folder while something is asked. */
async function served(
  files: Readonly<Record<string, string | Uint8Array>>,
  words: readonly string[],
  ask: (server: Served, folder: ReturnType<typeof newFolder>) => Promise<void>,
): Promise<void> {
  using folder = newFolder(files);
  mkdirSync(folder.at('tmp'));
  const server = await Served.start(folder.path, words, { TMPDIR: folder.at('tmp') });
  try {
    await ask(server, folder);
    assert.deepEqual(await server.stop(), [0, null]);
    const stores = readdirSync(folder.at('tmp')).filter((name) => name.startsWith('daybook'));
    assert.deepEqual(stores, []);
    const left = readdirSync(folder.path).filter((name) => name !== 'tmp');
    assert.deepEqual(left.sort(), Object.keys(files).sort());
  } finally {
    server.child.kill('SIGKILL');
  }
}

/** Asks until the answer is this. */
async function untilAnswered(server: Served, path: string, expected: RegExp): Promise<void> {
  let body = '';
  for (let i = 0; i < 100; i++) {
    body = await (await fetch(`${server.address}${path}`)).text();
    if (expected.test(body)) return;
    await delay(100);
  }
  assert.fail(body);
}

describe('serve with files', () => {
  test('tells the hours of a file as it is and as it grows, and leaves nothing behind', async () => {
    await served(
      { 'events.csv': row('09:00:00') + row('09:59:59.999') },
      ['events.csv'],
      async (server, folder) => {
        await untilAnswered(server, `/hourly?customer_id=acme&${HOUR}`, /"count":2,/);
        await using live = await EventReader.open(
          `${server.address}/api/v1/stream?source=files&subject=acme`,
        );
        appendFileSync(folder.at('events.csv'), row('10:00:01'));
        const [provisional] = await live.take(1);
        appendFileSync(folder.at('events.csv'), row('09:30:00') + row('10:05:00'));
        const [final] = await live.take(1);
        assert.deepEqual(
          [provisional, final].map((event) => [event!.data['state'], event!.data['data']]),
          [
            ['provisional', [{ value: 2, subject: 'acme' }]],
            ['final', [{ value: 3, subject: 'acme' }]],
          ],
        );
        await untilAnswered(server, `/hourly?customer_id=acme&${HOUR}`, /"final":true.*"count":3,/);
      },
    );
  });

  test('reads CSV by the columns that are said, and JSON by its keys, packed, too', async () => {
    const csv = 'at,customer\n2021-03-01 09:00:00,acme\n';
    const words = ['a.csv', '--subject-column', 'customer', '--time-column', 'at', '--tz', 'UTC'];
    await served({ 'a.csv': csv }, words, (server) =>
      untilAnswered(server, `/hourly?customer_id=acme&${HOUR}`, /"count":1,/),
    );
    const json = `${JSON.stringify({ subject: 'acme', time: '2021-03-01T09:00:00Z', n: 1 })}\n`;
    await served({ 'a.log': gzipSync(json.repeat(3)) }, ['a.log'], (server) =>
      untilAnswered(server, `/hourly?customer_id=acme&${HOUR}`, /"count":3,/),
    );
  });

  test('knows logs by their look, and tells their reports', async () => {
    const sessions = '09:00:00 ant Start\nnonsense\n09:00:10 ant End\n';
    await served({ 'a.log': sessions }, ['a.log'], (server) =>
      untilAnswered(server, '/api/v1/bill', /"name": ?"ant",\s*"sessions": ?1,\s*"seconds": ?10\b/),
    );
    const connections = '1600000000000 ant bee\n1600000000001 ant bee\n';
    await served({ 'a.log': connections }, ['a.log'], (server) =>
      untilAnswered(server, '/api/v1/hosts/bee', /"host": ?"ant",\s*"inbound": ?2\b/),
    );
  });

  for (const [files, words, code, message] of [
    [
      { 'a.csv': row('09:00:00'), 'b.log': '1600000000000 ant bee\n' },
      ['a.csv', 'b.log'],
      2,
      /a.csv looks like csv, b.log like connection-log/,
    ],
    [
      { 'b.log': '1600000000000 ant bee\n' },
      ['b.log', '--time-column', '1'],
      2,
      /--time-column is of no use/,
    ],
    [{}, ['nothing.csv'], 1, /nothing.csv/],
    [{ 'a.csv': row('09:00:00') }, ['a.csv', '--store', 'x.db'], 2, /leave out a.csv, or --store/],
    [{ 'daybook.yaml': '{}' }, ['--tz', 'UTC'], 2, /--tz says how to read files/],
    [
      { 'a.csv': row('09:00:00') },
      ['a.csv', '--host', '0.0.0.0'],
      2,
      /without keys only this machine/,
    ],
  ] as const)
    test(`refuses ${words.join(' ')}`, async () => {
      using folder = newFolder(files);
      const ran = await daybook(['serve', ...words], { cwd: folder.path });
      assert.equal(ran.code, code, ran.stderr);
      assert.match(ran.stderr, message);
    });
});
