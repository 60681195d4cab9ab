import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { daybook } from '../support/cli.ts';
import { newFolder } from '../support/live.ts';

const START = Date.UTC(2021, 2, 1);
const ROWS = 200;

/** The events of one file, of two customers; those of a later file come later. */
const eventsOf = (file: number): string =>
  Array.from({ length: ROWS }, (_, i) => {
    const time = new Date(START + (file * ROWS + i) * 1000).toISOString();
    return `customer-${i % 2},login,${i},${time}\n`;
  }).join('');

describe('a first day', () => {
  test('of init, ingest, a question, a kill, ingest and a question ends with every record counted once', async () => {
    using folder = newFolder();
    const run = (...words: string[]) => daybook(words, { cwd: folder.path });
    const write = (from: number, to: number) => {
      for (let file = from; file < to; file++)
        writeFileSync(folder.at('events', `${1000 + file}.csv`), eventsOf(file));
    };
    // What is asked, of the store and of the files themselves.
    const asked = ['counts', '--interval', '1h', '--format', 'csv'];
    const columns = ['--type-column', '2', '--time-column', '4'];
    const assertAnswer = async (files: number) => {
      const stored = await run(...asked, '-c', 'daybook.yaml');
      const direct = await run(...asked, ...columns, 'events/*.csv');
      assert.equal(direct.code, 0, direct.stderr);
      assert.equal(stored.stdout, direct.stdout);
      const counts = stored.stdout.trimEnd().split('\n').slice(1);
      const total = counts.reduce((sum, row) => sum + Number(row.split(',')[2]), 0);
      assert.equal(total, files * ROWS);
    };

    assert.equal((await run('init')).code, 0);
    appendFileSync(folder.at('daybook.yaml'), '\nlog: { level: debug, file: daybook.jsonl }\n');
    mkdirSync(folder.at('events'));
    write(0, 3);
    assert.equal((await run('check')).code, 0);
    const first = await run('ingest');
    assert.equal(first.stdout.split(' 200 read = 200 counted + 0 rejected\n').length, 4);
    await assertAnswer(3);

    write(3, 100);
    const log = folder.at('daybook.jsonl');
    const commits = () =>
      existsSync(log) ? readFileSync(log, 'utf8').split('"event":"committed"').length - 1 : 0;
    const onSpawn = async (child: ChildProcess) => {
      while (commits() < 3 + 5 && child.exitCode === null) await setTimeout(1);
      child.kill('SIGKILL');
    };
    const killed = await daybook(['ingest'], { cwd: folder.path, onSpawn });
    assert.equal(killed.code, null, 'it was done before it could be killed');
    const left = commits();
    assert.ok(left >= 8 && left < 100, `${left} files were counted`);

    const { code, stdout, stderr } = await run('ingest');
    assert.equal(code, 0, stderr);
    assert.ok(stdout.includes('already counted: 200\n'), stdout);
    await assertAnswer(100);
    const again = await run('ingest');
    assert.equal(again.stdout.split('already counted: 200\n').length, 101);
    await assertAnswer(100);
  });
});
