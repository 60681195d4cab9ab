import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { describe, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { daybook } from '../support/cli.ts';
import { newFolder } from '../support/live.ts';
import { takeBack } from '../support/store-versions.ts';

const source = (place: string) => `
store:
  path: store.db
sources:
  log:
    ${place}
    format: connection-log
`;

describe('ingest', () => {
  test('counts a log that was rotated since, whatever its pieces are called now', async () => {
    using folder = newFolder({
      'daybook.yaml': source("type: file\n    paths: ['app.log*']"),
      'app.log': '1600000000000 ant bee\n',
    });
    const ingest = async () => (await daybook(['ingest'], { cwd: folder.path })).stdout;
    assert.equal(await ingest(), 'app.log: 1 read = 1 counted + 0 rejected\n');
    appendFileSync(folder.at('app.log'), '1600000000001 bee ant\n');
    renameSync(folder.at('app.log'), folder.at('app.log.1'));
    writeFileSync(folder.at('app.log'), '1600000000002 cat ant\n');
    assert.equal(
      await ingest(),
      'app.log.1: grown: 1 read = 1 counted + 0 rejected\napp.log: 1 read = 1 counted + 0 rejected\n',
    );
  });

  test('refuses a file that was changed, and does not take it for a rotated one', async () => {
    using folder = newFolder({
      'daybook.yaml': source("type: file\n    paths: ['app.log*']"),
      'app.log': '1600000000000 ant bee\n',
    });
    await daybook(['ingest'], { cwd: folder.path });
    writeFileSync(folder.at('app.log'), '1600000000002 cat ant\n');
    writeFileSync(folder.at('app.log.1'), '1600000000003 cat ant\n');
    const { code, stdout } = await daybook(['ingest'], { cwd: folder.path });
    assert.equal(code, 1);
    assert.match(stdout, /^app.log.1: 1 read.*\napp.log: refused: it was changed\n$/);
  });

  test('goes on with other files and sources where some cannot be read, and tells all in the end', async () => {
    const log = '1600000000000 ant bee\n'.repeat(1000);
    using folder = newFolder({
      'daybook.yaml': `
sources:
  none: { type: directory, path: none, format: connection-log }
  first:
    type: file
    paths: [missing.log, 'log*']
    format: connection-log
  dated: { type: file, paths: ['dated*'], format: session-log, date: from-name }
  last: { type: file, paths: [z.log], format: connection-log }
log: { file: daybook.jsonl, level: warn }`,
      'log.1': log,
      'log.2.gz': gzipSync(log).subarray(0, 40),
      'log.3': log,
      'dated.log': '14:02:03 ADA Start\n',
      'dated-2021-03-01.log': '14:02:03 ADA Start\n',
      'z.log': log,
    });
    mkdirSync(folder.at('log.0'));
    const { code, stdout, stderr } = await daybook(['ingest'], { cwd: folder.path });
    assert.equal(code, 1);
    assert.deepEqual(stdout.trimEnd().split('\n'), [
      'log.1: 1000 read = 1000 counted + 0 rejected',
      'log.2.gz: failed',
      'log.3: already counted: 1,000, as log.1',
      'dated-2021-03-01.log: 1 read = 1 counted + 0 rejected',
      'dated.log: failed',
      'z.log: 1000 read = 1000 counted + 0 rejected',
    ]);
    const reasons = [
      /cannot read the folder none$/,
      /there is no file missing.log; check the path$/,
      /log.0 is a folder/,
      /log.2.gz ends in the middle of its compressed data/,
      /the name of dated.log has no date/,
    ];
    const lines = stderr.trimEnd().split('\n');
    assert.equal(lines.length, reasons.length, stderr);
    for (const [i, reason] of reasons.entries()) assert.match(lines[i]!, reason);
    const noted = readFileSync(folder.at('daybook.jsonl'), 'utf8');
    assert.equal(noted.split('"kind":"failed"').length, 3);
    assert.equal(noted.split('"event":"unreadable"').length, 4);
    const again = await daybook(['ingest', 'last'], { cwd: folder.path });
    assert.equal(again.stdout, 'z.log: already counted: 1,000\n');
  });

  test('says that a folder has no files, and that no file matches a pattern', async () => {
    using folder = newFolder({ 'daybook.yaml': source('type: directory\n    path: in') });
    mkdirSync(folder.at('in'));
    const empty = await daybook(['ingest'], { cwd: folder.path });
    assert.deepEqual(empty, { code: 0, stdout: '', stderr: 'daybook: log: no files in in\n' });
    const quiet = await daybook(['ingest', '-q'], { cwd: folder.path });
    assert.deepEqual(quiet, { code: 0, stdout: '', stderr: '' });
    writeFileSync(folder.at('daybook.yaml'), source("type: file\n    paths: ['*.log']"));
    const none = await daybook(['ingest'], { cwd: folder.path });
    assert.deepEqual(none, { code: 1, stdout: '', stderr: 'daybook: no file matches *.log\n' });
  });

  test('keeps what was counted of a file before it could be read no more', async () => {
    const log = Array.from({ length: 1 << 20 }, (_, i) => `${1600000000000 + i} ant bee\n`).join(
      '',
    );
    const packed = gzipSync(log, { level: 1 });
    using folder = newFolder({
      'daybook.yaml': source("type: file\n    paths: ['app.log.gz', 'z.log']"),
      'app.log.gz': packed.subarray(0, packed.length - 20),
      'z.log': '1600000000000 bee ant\n',
    });
    const { code, stdout } = await daybook(['ingest'], { cwd: folder.path });
    assert.equal(code, 1);
    const [failed, whole] = stdout.split('\n');
    const [, counted] = /^app.log.gz: failed after ([0-9]+) read = /.exec(failed!) ?? [];
    assert.equal(whole, 'z.log: 1 read = 1 counted + 0 rejected');
    writeFileSync(folder.at('app.log.gz'), packed);
    const again = await daybook(['ingest'], { cwd: folder.path });
    assert.equal(again.code, 0, again.stderr);
    const rest = (1 << 20) - Number(counted);
    assert.match(again.stdout, new RegExp(`^app.log.gz: grown: ${rest} read = ${rest} counted`));
  });

  test('puts files of a folder away when all of them is counted', async () => {
    using folder = newFolder({
      'daybook.yaml': source('type: directory\n    path: in\n    done: move'),
    });
    const at = (name: string) => folder.at('in', name);
    mkdirSync(folder.at('in'));
    writeFileSync(at('a.log'), '1600000000000 ant bee\n');
    writeFileSync(at('b.log.gz'), gzipSync('1600000000001 ant bee'));
    const { code, stderr } = await daybook(['ingest'], { cwd: folder.path });
    assert.equal(code, 0, stderr);
    for (const name of ['a.log', 'b.log.gz'])
      assert.ok(existsSync(at(`processed/${name}`)) && !existsSync(at(name)), name);
  });

  test('counts the files of a folder in which another one cannot be looked at', async () => {
    using folder = newFolder({ 'daybook.yaml': source('type: directory\n    path: in') });
    mkdirSync(folder.at('in'));
    writeFileSync(folder.at('in', 'a.log'), '1600000000000 ant bee\n');
    symlinkSync('loop', folder.at('in', 'loop'));
    symlinkSync('nowhere', folder.at('in', 'gone'));
    const { code, stdout, stderr } = await daybook(['ingest'], { cwd: folder.path });
    assert.equal(code, 1);
    assert.equal(stdout, 'in/a.log: 1 read = 1 counted + 0 rejected\n');
    assert.match(stderr, /^daybook: cannot read in\/loop: .*\n$/);
  });

  test('leaves a file in its folder of which a last record waits', async () => {
    using folder = newFolder({
      'daybook.yaml': source('type: directory\n    path: in\n    done: move').replace(
        'path: store.db',
        'path: store.db\n  keep: rollups',
      ),
    });
    mkdirSync(folder.at('in'));
    writeFileSync(folder.at('in', 'a.log'), '1600000000000 ant bee\n1600000000001 ant bee');
    const { stdout } = await daybook(['ingest'], { cwd: folder.path });
    assert.match(stdout, /a last record without its end waits \(21 bytes\)/);
    assert.ok(existsSync(folder.at('in', 'a.log')));
  });

  test('notes ids that do not look like the others, of all that is counted of a source', async () => {
    const rowOf = (id: string) => `ada,login,${id},2021-03-01T09:00:00Z\n`;
    using folder = newFolder({
      'daybook.yaml': `
sources:
  events: { type: file, paths: ['*.csv'], format: csv, columns: { subject: 1, type: 2, id: 3, time: 4 } }`,
      'a.csv': Array.from({ length: 3 }, () => rowOf(randomUUID())).join(''),
      'b.csv': rowOf('abc'),
    });
    const ran = await daybook(['ingest'], { cwd: folder.path });
    assert.equal(ran.code, 0, ran.stderr);
    assert.equal(
      ran.stderr,
      'daybook: 1 id does not look like the others, such as "abc" in b.csv, line 1\n',
    );
    appendFileSync(folder.at('a.csv'), rowOf(randomUUID()) + rowOf(randomUUID()) + rowOf('xyz'));
    const grown = await daybook(['ingest'], { cwd: folder.path });
    assert.match(grown.stderr, /^daybook: 1 id does .* "xyz" in a.csv, line 6\n$/);
    const again = await daybook(['ingest', '--again', '-q'], { cwd: folder.path });
    assert.deepEqual([again.code, again.stderr], [0, '']);
    appendFileSync(folder.at('a.csv'), rowOf(randomUUID()) + rowOf(randomUUID()) + rowOf('uvw'));
    const noted = () => readFileSync(folder.at('daybook.jsonl'), 'utf8');
    appendFileSync(folder.at('daybook.yaml'), '\nlog: { file: daybook.jsonl, level: debug }');
    const followed = await daybook(['ingest', '--follow'], {
      cwd: folder.path,
      onSpawn: async (child) => {
        while (!existsSync(folder.at('daybook.jsonl')) || !noted().includes('"committed"'))
          await setTimeout(10);
        child.kill('SIGTERM');
      },
    });
    assert.match(followed.stderr, /^daybook: 1 id does .* "uvw" in a.csv, line 9\n$/);
    appendFileSync(folder.at('a.csv'), rowOf(randomUUID()) + rowOf(randomUUID()) + rowOf('rst'));
    await daybook(['ingest', '-q'], { cwd: folder.path });
    for (const id of ['uvw', 'rst']) {
      const line = noted()
        .split('\n')
        .find((one) => one.includes(id));
      assert.match(
        line!,
        /"level":"warn",.*"source":"events","message":"1 id does .*"event":"note"/,
      );
    }
  });

  test('notes what was not counted to its end besides a copy of it', async () => {
    const row = '1600000000000 ant bee\n';
    using folder = newFolder({
      'daybook.yaml': source("type: file\n    paths: ['*.log']"),
      'app.log': row,
    });
    await daybook(['ingest'], { cwd: folder.path });
    await daybook(['ingest', '--again'], { cwd: folder.path });
    const db = new DatabaseSync(folder.at('store.db'));
    db.exec('UPDATE inputs SET is_unfinished = 1 WHERE id = 2'); // as if the second had been killed
    db.close();
    renameSync(folder.at('app.log'), folder.at('gone'));
    writeFileSync(folder.at('b.log'), `9${row}`);
    const { stderr } = await daybook(['ingest'], { cwd: folder.path });
    assert.match(stderr, /^daybook: app\.log: counting it once more was stopped, .*\n$/);
    const followed = await daybook(['ingest', '--follow'], {
      cwd: folder.path,
      onSpawn: async (child) => {
        await once(child.stderr!, 'data');
        child.kill('SIGTERM');
      },
    });
    assert.equal(followed.stderr, stderr);
    assert.equal((await daybook(['ingest', '-q'], { cwd: folder.path })).stderr, '');
  });

  test('notes whose duplicates an older Daybook did not keep, where they would count now', async () => {
    const row = 'ada,login,one,2021-03-01T09:00:00Z\n';
    using folder = newFolder({
      'daybook.yaml': `
store: { path: store.db }
sources:
  events: { type: file, paths: ['*.csv'], format: csv, columns: { subject: 1, type: 2, id: 3, time: 4 } }`,
      ...{ 'a.csv': row, 'b.csv': `bob${row.slice(3).replace('one', 'two')}${row}` },
    });
    await daybook(['ingest'], { cwd: folder.path });
    await takeBack(folder.at('store.db'), 4);
    writeFileSync(folder.at('a.csv'), row.replace('one', 'new'));
    const { stderr } = await daybook(['ingest', '--replace'], { cwd: folder.path });
    assert.match(stderr, /^daybook: b\.csv: its duplicates were not kept .*\n$/);
    const { stdout } = await daybook(['ingest', '--again'], { cwd: folder.path });
    assert.match(stdout, /^b\.csv: again: .* 1 counted .* 1 duplicate/m);
  });

  test('keeps the first of many rejects, and a report says how many it cannot list', async () => {
    using folder = newFolder({
      'daybook.yaml': `
sources:
  events: { type: file, paths: ['a.csv'], format: csv, columns: { subject: 1, time: 2 } }`,
      'a.csv': `ada,2021-03-01T09:00:00Z\n${'x\n'.repeat(10_002)}`,
    });
    const { code } = await daybook(['ingest'], { cwd: folder.path });
    assert.equal(code, 0);
    const words = ['counts', '-c', 'daybook.yaml', '--rejects', 'rejects.csv'];
    const { stderr } = await daybook(words, { cwd: folder.path });
    assert.match(stderr, /, listed in rejects.csv but for 2\n$/);
    const lines = readFileSync(folder.at('rejects.csv'), 'utf8').trimEnd().split('\n');
    assert.equal(lines.length, 1 + 10_000);
  });

  test('refuses to follow with what is for inputs that are there', async () => {
    using folder = newFolder({ 'daybook.yaml': source('type: file\n    paths: [app.log]') });
    for (const words of [
      ['--follow', '--again'],
      ['--idle', '5s'],
    ])
      assert.equal((await daybook(['ingest', ...words], { cwd: folder.path })).code, 2);
  });
});
