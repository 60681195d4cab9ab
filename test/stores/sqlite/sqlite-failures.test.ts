import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, test } from 'node:test';
import { DaybookError } from '../../../src/core/errors.ts';
import type { Store } from '../../../src/core/store.ts';
import { type SqliteOptions, sqlite } from '../../../src/stores/sqlite/sqlite.ts';
import { commitOf, EVERY_FIELD } from '../../support/commits.ts';
import { ingested, STREAMS } from '../../support/ingested.ts';
import { newFolder } from '../../support/live.ts';
import { seededRandom } from '../../support/random.ts';
import { contentOf } from '../../support/store-content.ts';
import { LATEST_VERSION } from '../../support/store-versions.ts';

const ROWS = Array.from({ length: 5000 }, (_, i) => ({
  ...{ time: i * 977, subject: `host-${i % 50}`, id: `id-${i}`, value: BigInt(i) },
}));
const CHILD = join(import.meta.dirname, '../../support/ingest-child.ts');

/** Disks are mounted for some tests. */
const MOUNTING = {
  skip: process.getuid?.() === 0 && existsSync('/proc/self/mounts') ? false : 'only root can mount',
};

describe('a store that cannot be used', () => {
  test('says that its folder is missing', () => {
    using folder = newFolder();
    const path = folder.at('no/such/daybook.db');
    refuses({ path }, /: it cannot be opened; see to its folder and permissions$/);
    refuses({ path, readOnly: true }, /^there is no store .*; make one with daybook ingest$/);
  });

  test('says that it is a folder, a text, or the database of somebody else', () => {
    using folder = newFolder();
    refuses({ path: folder.at('.') }, /it cannot be opened/);
    const text = folder.at('text.db');
    writeFileSync(text, 'a text that is no database, and longer than a header is\n'.repeat(40));
    const before = readFileSync(text);
    refuses({ path: text }, /: it is no database, or damaged$/);
    assert.deepEqual(readFileSync(text), before);
    const other = folder.at('other.db');
    run(other, 'CREATE TABLE theirs (x)');
    refuses({ path: other }, / is a database, but not one of Daybook$/);
    run(other, 'PRAGMA user_version = 1');
    refuses({ path: other, readOnly: true }, / is a database, but not one of Daybook$/);
  });

  test('says that it was written by a newer Daybook, and is left as it is', async () => {
    using folder = newFolder();
    const path = folder.at('daybook.db');
    await filled(path);
    run(path, 'PRAGMA user_version = 77');
    const newer = new RegExp(
      `was written by a newer Daybook \\(store version 77, this one knows ${LATEST_VERSION}\\)`,
    );
    refuses({ path }, newer);
    refuses({ path, readOnly: true }, newer);
    run(path, `PRAGMA user_version = ${LATEST_VERSION}`);
    await sqlite({ path }).close();
  });

  test('says to readers that nothing is in it yet', async () => {
    using folder = newFolder();
    const path = folder.at('daybook.db');
    writeFileSync(path, '');
    refuses({ path, readOnly: true }, / is empty, or of an older Daybook; ingest first$/);
    await sqlite({ path }).close();
    run(path, 'DELETE FROM settings'); // as a kill leaves it
    const reader = sqlite({ path, readOnly: true });
    assert.deepEqual([reader.keep, await reader.streams()], ['events', []]);
    await reader.close();
  });

  test('says what it keeps to who wants something else of it', async () => {
    using folder = newFolder();
    const path = folder.at('daybook.db');
    await sqlite({ path, keep: 'rollups' }).close();
    assert.throws(() => sqlite({ path, keep: 'events' }), {
      code: 'USAGE',
      message: `${path} keeps rollups, not events; that is settled when a store is made`,
    });
    const store = sqlite({ path });
    assert.equal(store.keep, 'rollups');
    await store.close();
  });

  test('says that it cannot be written, and can be read where only the file is so', async (context) => {
    using folder = newFolder();
    const path = folder.at('daybook.db');
    await filled(path);
    for (const what of [folder.at('.'), path]) {
      using readOnly = madeReadOnly(what);
      if (readOnly === undefined) return context.skip('nothing can be made read-only here');
      const message =
        what === path
          ? /: it cannot be written; see to its permissions$/
          : /: it cannot be opened; see to its folder and permissions$/;
      const read = async () => assert.equal((await contentIn(path)).length, 1);
      if (what === path) await read();
      else await told(read, message);
      await told(async () => {
        const store = sqlite({ path });
        await store.commit(commitOf(ROWS)).finally(() => store.close());
      }, message);
    }
    await filled(path);
  });

  test(
    'says that the disk is full, keeps what it had, and goes on when there is room',
    MOUNTING,
    async () => {
      using disk = smallDisk('900k');
      const { path } = disk;
      const store = sqlite({ path });
      await store.addStream(EVERY_FIELD);
      await store.commit(commitOf(ROWS.slice(0, 100)));
      const before = await contentOf(store);
      const large = commitOf(
        ROWS.flatMap((row) => [0, 1, 2, 3].map((n) => ({ ...row, id: `${row.id}-${n}` }))),
        { name: 'large.csv' },
      );
      await told(
        () => store.commit(large),
        /: the disk is full; what was committed before is safe$/,
      );
      assert.deepEqual(await contentOf(store), before);
      await store.close();
      assert.deepEqual(await contentIn(path), before);
      disk.enlarge();
      const again = sqlite({ path });
      assert.equal((await again.commit(large)).counted, 20_000);
      await again.close();
    },
  );

  test('makes nothing on a disk that is full from the start', MOUNTING, async () => {
    using disk = smallDisk('16k');
    const { path } = disk;
    refuses({ path }, /the disk (is full|fails)/);
    disk.enlarge();
    await filled(path);
  });

  test('tells damage anywhere, or has all there was', async () => {
    using folder = newFolder();
    const path = folder.at('daybook.db');
    await filled(path);
    const whole = await contentIn(path);
    const [bytes, random] = [readFileSync(path), seededRandom(3)];
    const damaged = folder.at('damaged.db');
    let tolds = 0;
    for (let run = 0; run < 25; run++) {
      // Pages of the middle: names, events and minutes.
      const at = 4096 * Math.floor(1 + random() * (bytes.length / 4096 - 1));
      const copy = Uint8Array.from(bytes);
      for (let i = 0; i < 4096; i += 7) copy[at + i]! ^= 0xff;
      writeFileSync(damaged, copy);
      try {
        assert.deepEqual(await contentIn(damaged), whole, `page at ${at}`);
      } catch (error) {
        if (error instanceof assert.AssertionError) throw error;
        assertTold(
          error,
          /: (it is damaged; put a backup in its place|it is no database, or damaged)$/,
        );
        tolds++;
      }
    }
    assert.ok(tolds > 10, `${tolds}`);
    copyFileSync(path, damaged);
    truncateSync(damaged, Math.floor(bytes.length / 2));
    await told(() => contentIn(damaged), /damaged/);
    assert.deepEqual(await contentIn(path), whole);
  });

  test('has room for many who make it at once', async () => {
    using folder = newFolder();
    const path = folder.at('daybook.db');
    const files = [1, 2, 3, 4].map((n) => folder.at(`${n}.csv`));
    for (const [i, file] of files.entries()) writeFileSync(file, `ant,x,id-${i},${i}\n`);
    const codes = await Promise.all(files.map((file) => ranChild([path, 'ids', '0', file])));
    // Who is overtaken is refused; what it read is counted when it runs again.
    for (const { code, stderr } of codes)
      if (code !== 0) assert.match(stderr, /another process ingested|another process is writing/);
    const store = sqlite({ path });
    await ingested(store, STREAMS.ids, files);
    const inputs = await store.inputs('ids');
    assert.equal(
      inputs.reduce((sum, { counted }) => sum + counted, 0),
      4,
    );
    await store.close();
  });

  test('lets one write at a time: the other one waits, then says so', async () => {
    using folder = newFolder();
    const path = folder.at('daybook.db');
    await filled(path);
    const other = new DatabaseSync(path);
    other.exec('BEGIN IMMEDIATE');
    const store = sqlite({ path, busyMs: 50 });
    const busy = /: another process is writing to it; try again when that is done$/;
    await told(() => store.commit(commitOf(ROWS)), busy);
    assert.equal((await store.inputs('events')).length, 1, 'it can be read meanwhile');
    other.exec('COMMIT');
    other.close();
    assert.equal((await store.commit(commitOf(ROWS))).duplicate, ROWS.length);
    await store.close();
  });

  test('shows a reader the same all the time, and the next one what came since', async () => {
    using folder = newFolder();
    const path = folder.at('daybook.db');
    await filled(path);
    const [writer, reader] = [sqlite({ path }), sqlite({ path, readOnly: true })];
    const before = await contentOf(reader);
    const [input] = await writer.inputs('events');
    await writer.commit(commitOf([{ time: 1, subject: 'new' }], { replaces: [input!.id] }));
    assert.deepEqual(await contentOf(reader), before);
    const next = sqlite({ path, readOnly: true });
    assert.deepEqual(await contentOf(next), await contentOf(writer));
    for (const store of [writer, reader, next]) await store.close();
  });
});

async function filled(path: string): Promise<void> {
  const store = sqlite({ path });
  await store.addStream(EVERY_FIELD);
  await store.commit(commitOf(ROWS));
  await store.prune(EVERY_FIELD.name, -(2 ** 53)); // Adds the minutes up that wait.
  await store.close();
}

async function contentIn(path: string): Promise<unknown[]> {
  let store: Store | undefined;
  try {
    store = sqlite({ path, readOnly: true });
    return await contentOf(store);
  } finally {
    await store?.close();
  }
}

function refuses(options: SqliteOptions, message: RegExp): void {
  try {
    sqlite(options);
  } catch (error) {
    assertTold(error, message);
    return;
  }
  assert.fail('it was opened');
}

async function told(use: () => Promise<unknown>, message: RegExp): Promise<void> {
  const error = await use().then(
    () => assert.fail('nothing was told'),
    (thrown: unknown) => thrown,
  );
  assertTold(error, message);
}

/** In one line. */
function assertTold(error: unknown, message: RegExp): void {
  assert.ok(error instanceof DaybookError, String((error as Error).stack));
  assert.equal(error.code, 'STORE_UNUSABLE');
  assert.match(error.message, message);
  assert.ok(!error.message.includes('\n'));
}

async function ranChild(words: string[]): Promise<{ code: number | null; stderr: string }> {
  const child = spawn(process.execPath, [CHILD, ...words], { stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr.on('data', (piece) => {
    stderr += piece;
  });
  await once(child, 'close');
  return { code: child.exitCode, stderr };
}

/** Makes a file or a folder read-only, also for root; undefined where that cannot be. */
function madeReadOnly(path: string): Disposable | undefined {
  try {
    execFileSync('mount', ['--bind', path, path], { stdio: 'ignore' });
    execFileSync('mount', ['-o', 'remount,bind,ro', path], { stdio: 'ignore' });
    return { [Symbol.dispose]: () => void execFileSync('umount', [path]) };
  } catch {
    return undefined;
  }
}

function run(path: string, statements: string): void {
  const db = new DatabaseSync(path);
  db.exec(statements);
  db.close();
}

/** A disk of so many bytes, for as long as a test. */
function smallDisk(size: string): Disposable & { readonly path: string; enlarge(): void } {
  const folder = newFolder();
  const disk = folder.at('small');
  mkdirSync(disk);
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', disk]);
  return {
    path: join(disk, 'daybook.db'),
    enlarge: () => execFileSync('mount', ['-o', 'remount,size=64m', disk]),
    [Symbol.dispose]() {
      execFileSync('umount', [disk]);
      folder[Symbol.dispose]();
    },
  };
}
