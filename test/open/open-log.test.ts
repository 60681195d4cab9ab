import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, test } from 'node:test';
import { DaybookError } from '../../src/core/errors.ts';
import { openLog } from '../../src/open/open-log.ts';
import { newFolder } from '../support/live.ts';

const noNote = (message: string) => assert.fail(message);

/** The lines of a log, without what differs from run to run. */
function linesOf(path: string): object[] {
  const lines = readFileSync(path, 'utf8').trimEnd().split('\n');
  return lines.map((line) => {
    const { time, pid, ...fields } = JSON.parse(line);
    assert.match(time, /^[0-9-]{10}T[0-9:.]{12}Z$/);
    assert.equal(pid, process.pid);
    return fields;
  });
}

describe('a log', () => {
  test('is added to, an event a line', async () => {
    using folder = newFolder();
    const settings = { level: 'info', file: folder.at('daybook.log') } as const;
    for (const command of ['ingest', 'serve']) {
      using log = await openLog(settings, { command }, noNote);
      log.info('input', { input: 'a\n".csv', counted: 3 });
    }
    const input = { level: 'info', input: 'a\n".csv', counted: 3, event: 'input' };
    assert.deepEqual(linesOf(settings.file), [
      { level: 'info', command: 'ingest', event: 'started' },
      input,
      { level: 'info', command: 'serve', event: 'started' },
      input,
    ]);
  });

  test('has nothing that is less than its level', async () => {
    using folder = newFolder();
    const settings = { level: 'warn', file: folder.at('daybook.log') } as const;
    using log = await openLog(settings, {}, noNote);
    for (const level of ['debug', 'info', 'warn', 'error'] as const) log[level](`a ${level}`);
    assert.deepEqual(linesOf(settings.file), [
      { level: 'warn', event: 'a warn' },
      { level: 'error', event: 'a error' },
    ]);
  });

  test('is not kept where no file is named', async () => {
    using log = await openLog({ level: 'debug' }, {}, noNote);
    log.error('lost');
  });

  test('that cannot be written stops the work before it begins', async () => {
    using folder = newFolder();
    for (const file of [folder.path, folder.at('none', 'daybook.log'), '/dev/full'])
      await assert.rejects(
        openLog({ level: 'info', file }, {}, noNote),
        (error) =>
          error instanceof DaybookError &&
          error.code === 'DESTINATION_UNWRITABLE' &&
          error.message.startsWith(`cannot write the log ${file}: `),
      );
  });

  test('says once that it cannot be written any more', async () => {
    const notes: string[] = [];
    // What is noted at the start is too little for this level.
    const settings = { level: 'error', file: '/dev/full' } as const;
    using log = await openLog(settings, {}, (note) => notes.push(note));
    log.error('failed');
    log.error('failed');
    assert.equal(notes.length, 1);
    assert.match(notes[0]!, /^cannot write the log \/dev\/full: ENOSPC.*; all else goes on$/);
  });

  test('goes on in a line of its own behind one that a full disk has cut', {
    skip: process.getuid?.() === 0 ? false : 'only root can mount a small disk',
  }, async ({ mock: { timers } }) => {
    timers.enable({ apis: ['setTimeout'] });
    using folder = newFolder();
    const disk = folder.at('small');
    mkdirSync(disk);
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=16k', 'tmpfs', disk]);
    try {
      const notes: string[] = [];
      const file = join(disk, 'daybook.log');
      using log = await openLog({ level: 'info', file }, {}, (note) => notes.push(note));
      const text = 'x'.repeat(900);
      for (let n = 0; n < 20; n++) log.info('long', { text });
      timers.tick(5);
      assert.equal(notes.length, 1);
      execFileSync('mount', ['-o', 'remount,size=1m', disk]);
      log.info('there is room again');
      timers.tick(5);
      const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
      assert.equal(JSON.parse(lines.at(-1)!).event, 'there is room again');
      assert.throws(() => JSON.parse(lines.at(-2)!), 'a line was cut');
      for (const line of lines.slice(0, -2)) JSON.parse(line);
    } finally {
      execFileSync('umount', ['-l', disk]);
    }
  });

  test('has its lines a few milliseconds later, and errors at once', async ({
    mock: { timers },
  }) => {
    timers.enable({ apis: ['setTimeout'] });
    using folder = newFolder();
    const settings = { level: 'info', file: folder.at('daybook.log') } as const;
    using log = await openLog(settings, {}, noNote);
    const events = () =>
      linesOf(settings.file)
        .slice(1)
        .map((line) => (line as { event: string }).event);
    log.info('a');
    log.info('b');
    assert.deepEqual(events(), []);
    timers.tick(5);
    assert.deepEqual(events(), ['a', 'b']);
    log.info('c');
    log.error('d');
    assert.deepEqual(events(), ['a', 'b', 'c', 'd']);
  });

  test('that is disposed of writes nothing to the file that has its descriptor then', async () => {
    using folder = newFolder();
    const log = await openLog({ level: 'info', file: folder.at('daybook.log') }, {}, noNote);
    log[Symbol.dispose]();
    const other = openSync(folder.at('other'), 'w');
    log.error('late');
    closeSync(other);
    assert.equal(readFileSync(folder.at('other'), 'utf8'), '');
  });

  test('loses nothing where its reader is slow, nor what is noted last before a bug', async () => {
    const program = `
      import { openLog } from '${new URL('../../src/open/open-log.ts', import.meta.url)}';
      process.stdout.on('error', () => {}); // Now the pipe does not block.
      const log = await openLog({ level: 'info', orOutput: true }, {}, console.error);
      for (let n = 0; n < 1000; n++) log.info('long', { n, text: 'x'.repeat(1000) });
      console.error('noted');
      process.on('disconnect', () => {
        log.info('last');
        throw new Error('a bug');
      });`;
    const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    const [told] = (await once(child.stderr!, 'data')) as [Buffer];
    assert.equal(String(told), 'noted\n');
    child.stderr!.resume();
    const output = text(child.stdout!);
    child.disconnect();
    const lines = (await output).trimEnd().split('\n');
    const found = lines.map((line) => JSON.parse(line) as { n?: number; event: string });
    const numbers = found.flatMap(({ n }) => n ?? []);
    assert.deepEqual(
      numbers,
      Array.from({ length: 1000 }, (_, n) => n),
    );
    assert.equal(found.at(-1)?.event, 'last');
  });
});
