import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { getPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { ActivityFolder, needsDatabases } from '../support/activity-folder.ts';
import { DAYBOOK, daybook } from '../support/cli.ts';
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

  test('has threads that do not answer give way to the one that does', {
    skip: process.platform === 'linux' ? false : 'only Linux tells of threads',
  }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'daybook-serve-'));
    writeFileSync(join(folder, 'daybook.yaml'), 'store: { path: served.db }');
    const server = await Served.start(folder);
    try {
      const event = { specversion: '1.0', id: '1', source: 's', type: 't', subject: 'ant' };
      assert.equal((await server.post(JSON.stringify(event))).status, 204);
      const { pid } = server.child;
      const nicenessOf = (thread: string) => {
        const told = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'latin1');
        return Number(told.slice(told.lastIndexOf(')')).split(' ')[17]);
      };
      const own = nicenessOf(String(pid));
      assert.equal(own, getPriority());
      const others = readdirSync(`/proc/${pid}/task`).filter((thread) => thread !== String(pid));
      const nicer = Math.min(own + 10, 19);
      assert.ok(others.length > 1);
      for (const thread of others) assert.equal(nicenessOf(thread), nicer);
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

  test('logs to standard output, or to the file of the configuration', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'daybook-serve-'));
    try {
      for (const log of ['', 'log: { file: serve.log, level: error }']) {
        writeFileSync(join(folder, 'daybook.yaml'), `store: { path: served.db }\n${log}\n`);
        const server = await Served.start(folder);
        assert.equal((await fetch(`${server.address}/api/v1/runs`)).status, 200);
        assert.deepEqual(await server.stop(), [0, null]);
        const events = server.output.split('\n').filter((line) => line !== '');
        const names = events.map((line) => (JSON.parse(line) as { event: string }).event);
        assert.deepEqual(names, log === '' ? ['started', 'listening', 'request', 'ended'] : []);
      }
      assert.ok(existsSync(join(folder, 'serve.log')));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('says that it cannot listen where somebody else does, and ends', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'daybook-serve-'));
    writeFileSync(join(folder, 'daybook.yaml'), CONFIGURATION);
    const other = createServer().listen(0, '127.0.0.1');
    try {
      await once(other, 'listening');
      const { port } = other.address() as AddressInfo;
      const { code, stderr } = await daybook(['serve', '--port', `${port}`], { cwd: folder });
      assert.equal(
        stderr,
        `daybook: cannot listen at 127.0.0.1:${port}: it is taken; --host and --port name another\n`,
      );
      assert.equal(code, 1);
    } finally {
      other.close();
      rmSync(folder, { recursive: true });
    }
  });

  test('ends also when it is told to stop while it starts', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'daybook-serve-'));
    writeFileSync(join(folder, 'daybook.yaml'), CONFIGURATION);
    const child = spawn(process.execPath, [DAYBOOK, 'serve', '--port', '0'], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    try {
      const [started] = (await once(child.stdout!, 'data')) as [Buffer];
      assert.match(String(started), /"event":"started"/);
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      const late = AbortSignal.timeout(20_000);
      const stuck = once(late, 'abort').then(() => ['it goes on']);
      assert.deepEqual(await Promise.race([ended, stuck]), [0, null]);
    } finally {
      child.kill('SIGKILL');
      rmSync(folder, { recursive: true });
    }
  });

  test('tells where it listens as it is', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'daybook-serve-'));
    writeFileSync(join(folder, 'daybook.yaml'), CONFIGURATION);
    const store = ['--store', join(folder, 'served.db')];
    await daybook(['keys', 'create', '--name', 'ops', ...store]);
    const server = await Served.start(folder, ['--host', '0.0.0.0']);
    try {
      assert.match(server.address, /^http:[/][/]0[.]0[.]0[.]0:[0-9]+$/);
    } finally {
      server.child.kill('SIGKILL');
      rmSync(folder, { recursive: true });
    }
  });

  test('makes a report when somebody asks, and gives out its file', needsDatabases(), async () => {
    using use = await ActivityFolder.made();
    const server = await Served.start(use.folder);
    try {
      const url = `${server.address}/api/v1/reports/active-users/runs`;
      const headers = { 'content-type': 'application/json' };
      const body = JSON.stringify({ as_of: '2026-03-01' });
      const begun = await fetch(url, { method: 'POST', headers, body });
      assert.equal(begun.status, 202, await begun.text());
      const place = `${server.address}${begun.headers.get('location')}`;
      const state = async () => ((await (await fetch(place)).json()) as { state: string }).state;
      while ((await state()) === 'running') await delay(20);
      assert.equal(await state(), 'done');
      const file = await fetch(`${place}/file`);
      assert.equal(file.headers.get('content-type'), 'text/csv; charset=utf-8');
      assert.match(await file.text(), /^id,name,date,lessons\r\n2,Ada,/);
      assert.deepEqual(await server.stop(), [0, null]);
    } finally {
      server.child.kill('SIGKILL');
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

describe('serve with reports', needsDatabases(), () => {
  const scheduled = 'schedule: "0 0 * * *"\ndestination: { type: file, path: "out/{report}.csv" }';

  test('makes what is due, and tells so', async () => {
    using it = await ActivityFolder.made();
    it.configure(scheduled, { others: 'log: { file: daybook.jsonl }' });
    const server = await Served.start(it.folder);
    try {
      const metrics = await untilMetrics(server, /_runs_total\{[^}]*state="done"\} 1$/m);
      assert.match(metrics, /_last_success_timestamp_seconds\{report="active-users"\} [0-9.]+$/m);
      assert.deepEqual(Object.keys(it.files()), ['active-users.csv']);
      assert.deepEqual(await server.stop(), [0, null]);
      const log = readFileSync(join(it.folder, 'daybook.jsonl'), 'utf8');
      assert.match(log, /"event":"making".*"event":"wrote".*"event":"ended"/s);
      assert.deepEqual(
        (await it.runs()).map(({ state }) => state),
        ['done'],
      );
    } finally {
      server.child.kill('SIGKILL');
    }
  });

  test('ends a report that waits for a database when it is told to stop, and makes it at the next start', async () => {
    using it = await ActivityFolder.made();
    const asked = Promise.withResolvers<Socket>();
    const silent = createServer(asked.resolve).listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    it.configure(scheduled, { users: `postgres://postgres@127.0.0.1:${port}/platform` });
    const stopped = await Served.start(it.folder);
    try {
      const socket = await asked.promise;
      const closed = once(
        socket.resume().on('error', () => {}),
        'close',
      );
      assert.deepEqual(await stopped.stop(), [0, null]);
      await closed;
    } finally {
      stopped.child.kill('SIGKILL');
      silent.close();
    }
    it.configure(scheduled);
    const server = await Served.start(it.folder);
    try {
      await untilMetrics(server, /state="done"\} 1$/m);
      await server.stop();
      assert.deepEqual(
        (await it.runs()).map(({ state, error }) => [state, error]),
        [
          ['failed', 'interrupted'],
          ['done', null],
        ],
      );
    } finally {
      server.child.kill('SIGKILL');
    }
  });
});

/** Asks for the metrics until they say something. */
async function untilMetrics(server: Served, said: RegExp): Promise<string> {
  let text = '';
  for (let i = 0; i < 100; i++) {
    text = await (await fetch(`${server.address}/metrics`)).text();
    if (said.test(text)) return text;
    await delay(100);
  }
  return assert.fail(text);
}

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
