import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { cpSync, truncateSync, writeFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { promisify } from 'node:util';
import { startThreads, takeThread } from '../../../src/pipeline/batch/lane-threads.ts';
import { newFolder } from '../../support/live.ts';

const MODULE = new URL('../../../src/pipeline/batch/lane-threads.ts', import.meta.url);
const folder = newFolder();
const large = folder.at('large.log');
const small = folder.at('small.log');

describe('threads for lanes', () => {
  let started = 0;
  const count = () => {
    started++;
  };
  before(() => {
    writeFileSync(small, '1 a b\n');
    writeFileSync(large, '');
    truncateSync(large, 200 << 20); // All of it is a hole.
    subscribe('worker_threads', count);
  });
  after(() => {
    unsubscribe('worker_threads', count);
    folder[Symbol.dispose]();
  });

  test('are not started ahead for what is small, not there, or of no name a file can have', () => {
    started = 0;
    startThreads([small, folder.at('missing'), 'a\0b', folder.path], 8);
    startThreads([large], 1);
    startThreads([], 8);
    assert.equal(started, 0);
  });

  test('are started ahead where files are large, and taken before any other is started', async () => {
    started = 0;
    startThreads([small, large], 3);
    assert.equal(started, 2);
    const threads = [takeThread(), takeThread()];
    assert.equal(started, 2);
    threads.push(takeThread());
    assert.equal(started, 3);
    assert.equal(new Set(threads).size, 3);
    await Promise.all(threads.map((thread) => thread.terminate()));
  });

  test('are as many as files are worth, however many there may be', async () => {
    started = 0;
    startThreads([large], 1000);
    assert.equal(started, 3);
    await Promise.all(Array.from({ length: 3 }, () => takeThread().terminate()));
  });

  test('do not keep a process that has no work for them', async () => {
    const script = `import { startThreads } from ${JSON.stringify(MODULE.href)};
      startThreads([${JSON.stringify(large)}], 2);
      process.stdout.write('done');`;
    assert.deepEqual(await runOf(script), { stdout: 'done', stderr: '' });
  });

  test('are not started ahead where none can be, which not every report needs', async () => {
    const script = `import { startThreads } from ${JSON.stringify(MODULE.href)};
      startThreads([${JSON.stringify(large)}], 2);
      process.stdout.write('done');`;
    const ran = await runOf(script, '--permission', '--allow-fs-read=*');
    assert.deepEqual(ran, { stdout: 'done', stderr: '' });
  });

  test('run their program whatever the folder is called in which it is', async () => {
    using parent = newFolder();
    const copy = parent.at('lane-threads', 'lane-threads.ts');
    cpSync(MODULE, copy, { recursive: true });
    const program = `import { parentPort } from 'node:worker_threads'; parentPort!.postMessage('here');`;
    writeFileSync(parent.at('lane-threads', 'lane-worker.ts'), program);
    const script = `import { takeThread } from ${JSON.stringify(copy)};
      const thread = takeThread();
      thread.on('message', (message) => process.stdout.write(message));`;
    assert.deepEqual(await runOf(script), { stdout: 'here', stderr: '' });
  });
});

/** Runs a module in a process of its own: from a file, since threads take no `--input-type`. */
function runOf(script: string, ...flags: string[]): Promise<{ stdout: string; stderr: string }> {
  const path = folder.at('script.mjs');
  writeFileSync(path, script);
  return promisify(execFile)(process.execPath, [...flags, path], { timeout: 60_000 });
}
