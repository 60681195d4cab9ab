import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempDisposable } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { sqlite } from '../../../src/stores/sqlite/sqlite.ts';
import { sqliteRuns } from '../../../src/stores/sqlite/sqlite-runs.ts';
import { memoryRuns } from '../../support/memory-runs.ts';
import { runHistorySuite, runLike } from '../../support/run-history-suite.ts';
import { takeBack } from '../../support/store-versions.ts';

const folderOf = () => mkdtempDisposable(join(tmpdir(), 'daybook-runs-'));

describe('a run history in memory', () => {
  runHistorySuite(async () => {
    const history = memoryRuns();
    return { history, [Symbol.asyncDispose]: () => history.close() };
  });
});

describe('the run history in a store', () => {
  runHistorySuite(async () => {
    const folder = await folderOf();
    const path = join(folder.path, 'daybook.db');
    const history = sqliteRuns({ path });
    return {
      history,
      again: async () => sqliteRuns({ path }),
      async [Symbol.asyncDispose]() {
        await history.close();
        await folder.remove();
      },
    };
  });

  test('stands beside events, and settles nothing about them', async () => {
    await using folder = await folderOf();
    const path = join(folder.path, 'daybook.db');
    const history = sqliteRuns({ path });
    const run = runLike();
    await history.begin(run);
    const store = sqlite({ path, keep: 'rollups' });
    assert.equal(store.keep, 'rollups');
    await store.close();
    await history.close();
    const looking = sqliteRuns({ path, readOnly: true });
    assert.deepEqual(await looking.list({ limit: 1 }), [run]);
    await looking.close();
  });

  test('is not made by who only looks', async () => {
    await using folder = await folderOf();
    const path = join(folder.path, 'daybook.db');
    const told = { code: 'STORE_UNUSABLE', message: /no report was made yet/ };
    assert.throws(() => sqliteRuns({ path, readOnly: true }), told);
  });

  test('is in a store of an older version, too, once somebody looks', async () => {
    await using folder = await folderOf();
    const path = join(folder.path, 'daybook.db');
    await (await sqlite({ path })).close();
    await takeBack(path, 1);
    const looking = sqliteRuns({ path, readOnly: true });
    assert.deepEqual(await looking.list({ limit: 9 }), []);
    await looking.close();
  });

  test('lets the next one run a report when the process that ran it was killed', async () => {
    await using folder = await folderOf();
    const path = join(folder.path, 'daybook.db');
    const module = join(import.meta.dirname, '../../../src/stores/sqlite/sqlite-runs.ts');
    const script = `
      import { sqliteRuns } from ${JSON.stringify(module)};
      await sqliteRuns({ path: process.argv[1] }).alone('a', async () => {
        process.stdout.write('begun');
        await new Promise((resolve) => setTimeout(resolve, 60_000));
      });`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script, path], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const exited = once(child, 'exit');
    await once(child.stdout, 'data');
    const history = sqliteRuns({ path });
    assert.equal(await history.alone('a', async () => 'early'), undefined);
    child.kill('SIGKILL');
    await exited;
    assert.equal(await history.alone('a', async () => 'next'), 'next');
    await history.close();
  });
});
