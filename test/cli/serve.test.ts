import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { daybook } from '../support/cli.ts';
import { Served } from '../support/served.ts';

const CONFIGURATION = `
store: { path: served.db }
sources:
  log: { type: file, paths: [app.log], format: connection-log }
`;

describe('serve', () => {
  test('follows the sources while events are posted, and keeps both when it is told to stop', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'daybook-serve-'));
    const log = join(folder, 'app.log');
    writeFileSync(join(folder, 'daybook.yaml'), CONFIGURATION);
    writeFileSync(log, '1600000000000 ant bee\n');
    const server = await Served.start(folder);
    try {
      for (let id = 1; id <= 20; id++) {
        appendFileSync(log, `${1_600_000_000_000 + id} ant bee\n`);
        const event = { specversion: '1.0', id: `${id}`, source: 's', type: 't', subject: 'ant' };
        const { status } = await server.post(JSON.stringify(event));
        assert.equal(status, 204);
      }
      await untilCounted(server, 21);
      assert.deepEqual(await server.stop(), [0, null]);
      const counts = await daybook(
        ['counts', '--store', 'served.db', '--source', 'posted', '--every', '1w'],
        { cwd: folder },
      );
      assert.match(counts.stdout, /\b20\b/, counts.stderr);
    } finally {
      server.child.kill('SIGKILL');
      rmSync(folder, { recursive: true });
    }
  });

  test('tells how far a source is complete that is followed, and what is final', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'daybook-serve-'));
    const log = join(folder, 'app.csv');
    const row = (clock: string) => `acme,login,2021-03-01T${clock}Z,1\n`;
    writeFileSync(
      join(folder, 'daybook.yaml'),
      `store: { path: served.db }
sources: { log: { type: file, paths: [app.csv], format: csv, columns: { subject: 1, time: 3 } } }\n`,
    );
    writeFileSync(log, row('09:00:00') + row('10:02:00'));
    const server = await Served.start(folder);
    try {
      const { address } = server;
      const hour = 'start=2021-03-01T09:00Z&end=2021-03-01T10:00Z';
      const asked = async () => {
        const answer = await fetch(`${address}/hourly?customer_id=acme&${hour}`);
        const body = (await answer.json()) as { complete_through: string | null; final: boolean };
        return [body.complete_through, body.final];
      };
      await untilIs(async () => (await asked())[0] === '2021-03-01T09:57:00Z');
      assert.deepEqual(await asked(), ['2021-03-01T09:57:00Z', false]);
      appendFileSync(log, row('10:05:00'));
      await untilIs(async () => (await asked())[0] === '2021-03-01T10:00:00Z');
      assert.deepEqual(await asked(), ['2021-03-01T10:00:00Z', true]);
      const inputs = await fetch(`${address}/api/v1/inputs`);
      const { sources } = (await inputs.json()) as { sources: Record<string, unknown>[] };
      const [{ lag_seconds: lag, ...source }] = sources as [Record<string, unknown>];
      assert.deepEqual(source, { source: 'log', complete_through: '2021-03-01T10:00:00Z' });
      assert.ok(Math.abs(Number(lag) - (Date.now() - Date.UTC(2021, 2, 1, 10)) / 1000) < 60);
      await server.stop();
    } finally {
      server.child.kill('SIGKILL');
      rmSync(folder, { recursive: true });
    }
  });

  test('erases who is named from bills and counts, and the books balance', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'daybook-serve-'));
    const log = 'log: { type: file, paths: [app.log], format: session-log }';
    writeFileSync(
      join(folder, 'daybook.yaml'),
      `store: { path: served.db }\nsources: { ${log} }\n`,
    );
    const lines = [
      '00:00:01 ant Start',
      '00:00:02 bee Start',
      '00:00:03 ant End',
      '00:00:05 bee End',
    ];
    writeFileSync(join(folder, 'app.log'), `${lines.join('\n')}\n`);
    const ran = await daybook(['ingest'], { cwd: folder });
    assert.equal(ran.code, 0, ran.stderr);
    const server = await Served.start(folder);
    try {
      const erased = await fetch(`${server.address}/api/v1/subjects/ant`, { method: 'DELETE' });
      assert.deepEqual(await erased.json(), { subject: 'ant', erased: 2 });
      await server.stop();
      for (const words of [[], ['--explain'], ['--every', '1h']]) {
        const bill = ['bill', '--store', 'served.db', '--format', 'csv', ...words];
        const { code, stdout, stderr } = await daybook(bill, { cwd: folder });
        assert.equal(code, 0, stderr);
        assert.match(stdout, /bee/);
        assert.doesNotMatch(stdout, /ant/);
      }
    } finally {
      server.child.kill('SIGKILL');
      rmSync(folder, { recursive: true });
    }
  });

  test('answers a request that it has begun with, and then stops at once', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'daybook-serve-'));
    writeFileSync(join(folder, 'daybook.yaml'), 'store: { path: served.db }\n');
    const server = await Served.start(folder);
    try {
      const begun = Promise.withResolvers<void>();
      async function* body() {
        yield Buffer.from('[');
        begun.resolve();
        await delay(300);
        yield Buffer.from(']');
      }
      const answer = server.post(ReadableStream.from(body()));
      await begun.promise;
      await delay(100);
      const stopped = server.stop();
      assert.equal((await answer).status, 204);
      const before = performance.now();
      assert.deepEqual(await stopped, [0, null]);
      assert.ok(performance.now() - before < 5000);
    } finally {
      server.child.kill('SIGKILL');
      rmSync(folder, { recursive: true });
    }
  });
});

/** Waits until something is so. */
async function untilIs(holds: () => Promise<boolean>): Promise<void> {
  for (let i = 0; i < 200; i++) {
    if (await holds()) return;
    await delay(50);
  }
  assert.fail('it is not so for ten seconds');
}

/** Waits until so many connections are counted. */
async function untilCounted(server: Served, count: number): Promise<void> {
  let body = '';
  for (let i = 0; i < 100; i++) {
    const answer = await fetch(`${server.address}/api/v1/top`);
    body = await answer.text();
    if (answer.status === 200 && body.includes(`${count}`)) return;
    await delay(100);
  }
  assert.fail(body);
}
