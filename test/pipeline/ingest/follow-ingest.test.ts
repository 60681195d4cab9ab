import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  renameSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { DaybookError } from '../../../src/core/errors.ts';
import type { Keep, Store, StoredInput, Stream } from '../../../src/core/store.ts';
import { followIngest } from '../../../src/pipeline/ingest/follow-ingest.ts';
import { ingest } from '../../../src/pipeline/ingest/ingest.ts';
import type { Ingested } from '../../../src/pipeline/ingest/ingested.ts';
import type { SourceProgress } from '../../../src/pipeline/ingest/source-progress.ts';
import { sources } from '../../../src/sources/index.ts';
import { openLive } from '../../../src/sources/live.ts';
import { PackedFile } from '../../../src/sources/packed-file.ts';
import { stores } from '../../../src/stores/index.ts';
import { jobOf, STREAMS } from '../../support/ingested.ts';
import { newFolder, QUICK } from '../../support/live.ts';

const STREAM: Stream = {
  name: 'log',
  format: 'connection-log',
  options: { timeUnit: 'ms' },
  fields: ['object'],
};
/** What should happen has happened by then, or will not. */
const PATIENCE_MS = 20_000;
/** So that commits are not waited for. */
const WAIT_MS = 50;

/** Bytes as lines of connections, one a ms from here on. */
const linesOf = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, i) => `${1_600_000_000_000 + from + i} ant bee\n`).join('');

describe('followIngest', () => {
  test('counts what comes, and a record written in two when its end is there', async () => {
    using folder = newFolder({ 'app.log': linesOf(0, 10) });
    await using run = new Run(folder.path, [folder.at('app.log')], { idleMs: 60_000 });
    await run.untilCounted(10);
    appendFileSync(folder.at('app.log'), linesOf(10, 12).slice(0, -5));
    await run.untilCounted(11);
    appendFileSync(folder.at('app.log'), linesOf(10, 12).slice(-5));
    await run.untilCounted(12);
    const done = await run.stop();
    assert.deepEqual(shown(done), [['app.log', 'new', 12, 0]]);
  });

  test('tells how far it is: the least of the inputs that are not silent, once that is counted', async () => {
    using folder = newFolder({ 'a.log': linesOf(0, 10), 'b.log': linesOf(0, 5) });
    const words = [folder.at('a.log'), folder.at('b.log')];
    await using run = new Run(folder.path, words, { idleMs: 3000 });
    await run.until(async () => run.reached.length > 0);
    assert.deepEqual([run.reached, await run.counted()], [[4], 15]);
    appendFileSync(folder.at('b.log'), linesOf(5, 20));
    await run.until(async () => run.reached.length > 1);
    assert.deepEqual([run.reached, await run.counted()], [[4, 9], 30]);
    const timer = setInterval(() => appendFileSync(folder.at('b.log'), linesOf(19, 20)), 500);
    try {
      await run.until(async () => run.reached.length > 2);
      assert.deepEqual(run.reached, [4, 9, 19]);
    } finally {
      clearInterval(timer);
    }
  });

  test('knows after a stop how far it was', async () => {
    using folder = newFolder({ 'app.log': linesOf(0, 10) });
    const before = new Run(folder.path, [folder.at('app.log')]);
    await before.untilCounted(10);
    await before.stop();
    await using run = new Run(folder.path, [folder.at('app.log')]);
    await run.until(async () => run.reached.length > 0);
    assert.deepEqual(run.reached, [9]);
  });

  test('tells how many bytes of a last record wait', async () => {
    using folder = newFolder({ 'app.log': `${linesOf(0, 10)}1600` });
    await using run = new Run(folder.path, [folder.at('app.log')], { idleMs: 60_000 });
    await run.untilCounted(10);
    assert.deepEqual(shown(await run.stop()), [['app.log', 'new', 10, 4]]);
  });

  test('counts a last record without its end when its file is silent, and again with what comes', async () => {
    using folder = newFolder({ 'app.log': linesOf(0, 2).slice(0, -1) });
    await using run = new Run(folder.path, [folder.at('app.log')], { idleMs: 20 });
    await run.untilCounted(2);
    appendFileSync(folder.at('app.log'), `s\n${linesOf(2, 3)}`);
    await run.untilCounted(3);
    assert.deepEqual(shown(await run.stop()), [['app.log', 'new', 3, 0]]);
  });

  test('has nothing of a file before its first record begins, behind a byte order mark', async () => {
    const mark = Buffer.from('\ufeff');
    for (const keep of ['events', 'rollups'] as const) {
      using folder = newFolder({ 'app.log': mark.subarray(0, 2) });
      await using run = new Run(folder.path, [folder.at('app.log')], { idleMs: 20, keep });
      await run.untilIdle();
      appendFileSync(folder.at('app.log'), mark.subarray(2));
      await run.untilIdle();
      assert.deepEqual(await run.inputs(), []);
      appendFileSync(folder.at('app.log'), linesOf(0, 2));
      await run.untilCounted(2);
      assert.deepEqual(shown(await run.stop()), [['app.log', 'new', 2, 0]]);
    }
  });

  test('leaves a last record without its end alone where it could not be taken back', async () => {
    using folder = newFolder({ 'app.log': linesOf(0, 2).slice(0, -1) });
    const words = [folder.at('app.log')];
    await using run = new Run(folder.path, words, { idleMs: 20, keep: 'rollups' });
    await run.untilCounted(1);
    await run.untilIdle();
    assert.deepEqual(shown(await run.stop()), [['app.log', 'new', 1, 21]]);
  });

  test('goes on beside a prune, also with a last record without its end', async () => {
    using folder = newFolder({ 'app.log': linesOf(0, 7).slice(0, -1) });
    await using run = new Run(folder.path, [folder.at('app.log')], { idleMs: 20 });
    const prune = async () => {
      const store = stores.sqlite({ path: folder.at('store.db') });
      const count = await store.prune(STREAM.name, 1_600_000_060_000);
      await store.close();
      return count;
    };
    await run.untilCounted(7);
    assert.equal(await prune(), 6);
    appendFileSync(folder.at('app.log'), `s\n${linesOf(7, 9).slice(0, -1)}`);
    await run.untilCounted(9);
    assert.equal(await prune(), 2);
    appendFileSync(folder.at('app.log'), `\n${linesOf(9, 10)}`);
    await run.untilCounted(10);
    assert.deepEqual(shown(await run.stop()), [['app.log', 'new', 10, 0]]);
  });

  test('goes on from a batch ingest, and replaces its last record without its end', async () => {
    using folder = newFolder({ 'app.log': linesOf(0, 3).slice(0, -4) });
    await ingested(folder.path, folder.at('app.log'));
    await using run = new Run(folder.path, [folder.at('app.log')]);
    appendFileSync(folder.at('app.log'), linesOf(0, 4).slice(linesOf(0, 3).length - 4));
    await run.untilCounted(4);
    assert.deepEqual(shown(await run.stop()), [['app.log', 'grown', 2, 0]]);
    assert.deepEqual(await ingested(folder.path, folder.at('app.log')), ['known']);
  });

  test('is gone on from by a batch ingest', async () => {
    using folder = newFolder({ 'app.log': linesOf(0, 3) });
    const run = new Run(folder.path, [folder.at('app.log')]);
    await run.untilCounted(3);
    await run.stop();
    assert.deepEqual(await ingested(folder.path, folder.at('app.log')), ['known']);
    appendFileSync(folder.at('app.log'), linesOf(3, 4));
    assert.deepEqual(await ingested(folder.path, folder.at('app.log')), ['grown']);
  });

  test('finds a file that was rotated while nobody looked, though only its name is followed', async () => {
    using folder = newFolder({ 'app.log': linesOf(0, 3) });
    const path = folder.at('app.log');
    const before = new Run(folder.path, [path]);
    await before.untilCounted(3);
    await before.stop();
    appendFileSync(path, linesOf(3, 5));
    renameSync(path, folder.at('app.log.1'));
    writeFileSync(path, linesOf(5, 6));
    await using run = new Run(folder.path, [path]);
    await run.untilCounted(6);
    assert.deepEqual(run.notes, []);
  });

  test('counts what is copied and truncated once, and the last record in the copy', async () => {
    using folder = newFolder({ 'app.log': linesOf(0, 5) + linesOf(5, 6).slice(0, 9) });
    const path = folder.at('app.log');
    await using run = new Run(folder.path, [folder.at('app.log*')], { idleMs: 60_000 });
    await run.untilCounted(5);
    appendFileSync(path, linesOf(5, 6).slice(9));
    copyFileSync(path, folder.at('app.log.1'));
    truncateSync(path);
    appendFileSync(path, linesOf(6, 9));
    await run.untilCounted(9);
  });

  test('counts both of two files that begin alike', async () => {
    const [first, second] = [`${linesOf(0, 3)}1600`, `${linesOf(0, 3)}${linesOf(7, 9)}`];
    using folder = newFolder({ 'a.log': first });
    await using run = new Run(folder.path, [folder.at('*.log')], { idleMs: 20 });
    await run.untilCounted(3);
    await run.untilIdle();
    writeFileSync(folder.at('b.log'), second);
    await run.untilCounted(5);
    appendFileSync(folder.at('a.log'), linesOf(3, 4).slice(4));
    await run.untilCounted(6);
    const inputs = await run.inputs();
    assert.deepEqual(
      inputs.map(({ position }) => position).sort((a, b) => a - b),
      [first.length + linesOf(3, 4).length - 4, second.length],
    );
    await run.stop();
    for (const name of ['a.log', 'b.log'])
      assert.deepEqual(await ingested(folder.path, folder.at(name)), ['known']);
  });

  test('tells of ids that do not look like the others, once, and in which line', async () => {
    const row = (id: string = randomUUID()) => `ant,in,${id},60000\n`;
    // A last record without its end may span lines.
    const torn = row().replace('ant', '"ant\nbee"').slice(0, -1);
    using folder = newFolder({ 'a.csv': row() + torn });
    const path = folder.at('a.csv');
    const reading = { stream: STREAMS.ids, idleMs: 20 };
    await using before = new Run(folder.path, [path], reading);
    await before.until(async () => (await before.inputs())[0]?.lines === 3);
    assert.equal((await before.stop())[0]!.ids!.note, undefined);
    appendFileSync(path, `\n${row()}${row()}${row('abc').slice(0, -1)}`);
    await using run = new Run(folder.path, [path], reading);
    await run.untilCounted(4);
    appendFileSync(path, `\n${row()}`);
    await run.untilCounted(5);
    const [{ ids }] = (await run.stop()) as [Ingested];
    const message = `1 id does not look like the others, such as "abc" in ${path}, line 6`;
    assert.equal(ids!.note?.message, message);
  });

  test('puts files of a folder away when all of them is counted', async () => {
    using folder = newFolder();
    const at = (name: string) => folder.at('in', name);
    mkdirSync(folder.at('in'));
    writeFileSync(at('a.log'), linesOf(0, 3).slice(0, -1));
    await using run = new Run(folder.path, [folder.at('in')], { idleMs: 20, done: 'move' });
    writeFileSync(at('b.log.gz'), gzipSync(linesOf(3, 5)));
    await run.until(async () =>
      ['a.log', 'b.log.gz'].every((it) => existsSync(at(`processed/${it}`))),
    );
    assert.equal(await run.counted(), 5);
    assert.ok(!existsSync(at('a.log')) && !existsSync(at('b.log.gz')));
  });

  test('puts a compressed file of a folder away once, also where its commit takes long', async () => {
    using folder = newFolder();
    mkdirSync(folder.at('in'));
    writeFileSync(folder.at('in', 'a.log.gz'), gzipSync(linesOf(0, 3)));
    const options = { idleMs: 20, done: 'move', commitMs: 4 * WAIT_MS } as const;
    await using run = new Run(folder.path, [folder.at('in')], options);
    await run.until(async () => existsSync(folder.at('in', 'processed/a.log.gz')));
    writeFileSync(folder.at('in', 'b.log'), linesOf(3, 5));
    await run.untilCounted(5);
  });

  test('puts a long compressed file away when it was read to its end, however long commits take', async () => {
    using folder = newFolder();
    mkdirSync(folder.at('in'));
    // More than is read before others have their turn.
    const long = `${linesOf(0, 3)}${'\n'.repeat(20 << 20)}${linesOf(3, 4)}`;
    writeFileSync(folder.at('in', 'a.log.gz'), gzipSync(long));
    const options = { idleMs: 20, done: 'move', commitMs: 4 * WAIT_MS } as const;
    await using run = new Run(folder.path, [folder.at('in')], options);
    await run.until(async () => existsSync(folder.at('in', 'processed/a.log.gz')));
    assert.equal(await run.counted(), 4);
    writeFileSync(folder.at('in', 'b.log'), linesOf(4, 6));
    await run.untilCounted(6);
  });

  test('leaves a file of a folder where it is for as long as the rest of it cannot be read', async ({
    mock,
  }) => {
    using folder = newFolder();
    mkdirSync(folder.at('in'));
    const long = `${linesOf(0, 3)}${'\n'.repeat(1 << 20)}${linesOf(3, 4)}`;
    writeFileSync(folder.at('in', 'a.log.gz'), gzipSync(long));
    const { read } = PackedFile.prototype;
    let [reads, isBroken] = [0, true];
    mock.method(PackedFile.prototype, 'read', function (this: PackedFile, into: Uint8Array) {
      reads++;
      if (reads > 1 && isBroken) throw new DaybookError('SOURCE_UNREADABLE', 'the disk fails');
      return read.call(this, into);
    });
    await using run = new Run(folder.path, [folder.at('in')], { idleMs: 20, done: 'move' });
    await run.untilCounted(3);
    await run.untilIdle();
    assert.ok(existsSync(folder.at('in', 'a.log.gz')));
    isBroken = false;
    await run.until(async () => existsSync(folder.at('in', 'processed/a.log.gz')));
    assert.equal(await run.counted(), 4);
  });

  test('lets others have their turn between inputs and between commits', async () => {
    const names = ['a.log', 'b.log', 'c.log', 'd.log'];
    using folder = newFolder(
      Object.fromEntries(names.map((name, i) => [name, linesOf(3 * i, 3 * i + 3)])),
    );
    let turn = 0;
    let next = setImmediate(function count() {
      turn++;
      next = setImmediate(count);
    });
    const turns: number[] = [];
    const onCommit = () => void turns.push(turn);
    await using run = new Run(folder.path, [folder.at('*.log')], { onCommit });
    await run.untilCounted(12);
    clearImmediate(next);
    assert.equal(turns.length, names.length);
    assert.equal(new Set(turns).size, names.length);
  });

  test('tries again while the disk is full, says so once, and loses nothing', async () => {
    using folder = newFolder({ 'app.log': linesOf(0, 5) });
    const full = new DaybookError('STORE_UNUSABLE', 'the disk is full', { cause: new Error() });
    await using run = new Run(folder.path, [folder.at('app.log')], { failing: [full, full] });
    await run.untilCounted(5);
    assert.deepEqual(run.notes, ['the disk is full; trying again']);
  });

  test('ends where another process went on with an input', async () => {
    using folder = newFolder({ 'app.log': linesOf(0, 5) });
    const taken = new DaybookError('STORE_UNUSABLE', 'ingested by another process');
    const run = new Run(folder.path, [folder.at('app.log')], { failing: [taken] });
    await assert.rejects(run.done, taken);
  });

  test('commits large files in parts, and follows many at once', async () => {
    using folder = newFolder();
    for (let i = 0; i < 200; i++)
      writeFileSync(folder.at(`${i}.log`), linesOf(100 * i, 100 * i + 50));
    await using run = new Run(folder.path, [folder.at('*.log')]);
    await run.untilCounted(200 * 50);
    appendFileSync(folder.at('7.log'), linesOf(750, 760));
    await run.untilCounted(200 * 50 + 10);
  });
});

/** Follows into a store of a folder, until it is stopped. */
class Run {
  readonly notes: string[] = [];
  /** How far it was in ms of `linesOf`, each time that it said so. */
  readonly reached: number[] = [];
  readonly done: Promise<Ingested[]>;
  readonly #stop = new AbortController();
  readonly #store: Store;
  readonly #stream: Stream;
  #commits = 0;

  constructor(
    folder: string,
    words: readonly string[],
    {
      idleMs = 100,
      done = 'keep',
      keep = 'events',
      failing = [],
      commitMs = 0,
      onCommit = () => {},
      stream = STREAM,
    }: {
      idleMs?: number;
      done?: 'keep' | 'move';
      keep?: Keep;
      failing?: Error[];
      commitMs?: number;
      onCommit?: () => void;
      stream?: Stream;
    } = {},
  ) {
    this.#stream = stream;
    this.#store = stores.sqlite({ path: `${folder}/store.db`, keep });
    const { commit } = this.#store;
    this.#store.commit = async (it) => {
      this.#commits++;
      onCommit();
      const error = failing.shift();
      if (error) throw error;
      if (commitMs > 0) await delay(commitMs);
      return commit.call(this.#store, it);
    };
    const onNote = (message: string) => void this.notes.push(message);
    const onProgress = ({ reached, through }: SourceProgress) => {
      assert.equal(reached - through, 5 * 60_000);
      this.reached.push(reached - 1_600_000_000_000);
    };
    const options = { readFrom: 'start', done, idleMs, pace: QUICK } as const;
    const live = {
      ...{ words, idleMs },
      open: (marks = []) => openLive(words, { ...options, marks, onNote }),
    } satisfies Parameters<typeof followIngest>[0]['live'];
    const request = { store: this.#store, stream, live, jobOf: () => jobOf(stream) };
    const { signal } = this.#stop;
    this.done = followIngest(request, { signal, onNote, onProgress, waitMs: WAIT_MS });
    this.done.catch(() => {});
  }

  async stop(): Promise<Ingested[]> {
    this.#stop.abort();
    const done = await this.done;
    await this.#store.close();
    return done;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }

  inputs(): Promise<StoredInput[]> {
    return this.#store.inputs(this.#stream.name);
  }

  async counted(): Promise<number> {
    return (await this.inputs()).reduce((sum, { counted }) => sum + counted, 0);
  }

  async subjects(): Promise<Record<string, number>> {
    const counts: Record<string, number> = {};
    const query = { stream: this.#stream.name, from: 0, to: Number.MAX_SAFE_INTEGER };
    for await (const portion of this.#store.minutes(query))
      for (const { subject, count } of portion) counts[subject] = (counts[subject] ?? 0) + count;
    return counts;
  }

  async untilCounted(count: number): Promise<void> {
    await this.until(async () => (await this.counted().catch(() => 0)) === count);
  }

  /** Waits until nothing was committed for as long as it takes to look who is silent, several times. */
  async untilIdle(): Promise<void> {
    const late = performance.now() + 6 * WAIT_MS;
    const before = this.#commits;
    await this.until(async () => this.#commits > before || performance.now() > late);
  }

  async until(holds: () => Promise<boolean>): Promise<void> {
    const late = performance.now() + PATIENCE_MS;
    while (!(await holds())) {
      if (performance.now() > late)
        assert.fail(JSON.stringify([await this.inputs(), this.notes], null, 1));
      await Promise.race([this.done, new Promise((resolve) => setTimeout(resolve, 10))]);
    }
  }
}

/** Counts a file as it is, in batch. */
async function ingested(folder: string, path: string): Promise<string[]> {
  const store = stores.sqlite({ path: `${folder}/store.db` });
  const inputs = await sources.file.inputs([path]);
  const kinds: string[] = [];
  const request = { store, stream: STREAM, inputs, jobOf: () => jobOf(STREAM) };
  for await (const { kind } of ingest(request, {})) kinds.push(kind);
  await store.close();
  return kinds;
}

function shown(done: readonly Ingested[]) {
  return done.map(({ input, kind, books, heldBytes }) => [
    input.replace(/.*\//, ''),
    kind,
    books.counted,
    heldBytes,
  ]);
}
