import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import type { Keep, Store, StoredInput, Stream } from '../../src/core/store.ts';
import { followIngest } from '../../src/pipeline/ingest/follow-ingest.ts';
import type { Ingested } from '../../src/pipeline/ingest/ingested.ts';
import type { SourceProgress } from '../../src/pipeline/ingest/source-progress.ts';
import { openLive } from '../../src/sources/live.ts';
import { stores } from '../../src/stores/index.ts';
import { jobOf } from './ingested.ts';
import { QUICK } from './live.ts';

/** What is followed. */
export const STREAM: Stream = {
  name: 'log',
  format: 'connection-log',
  options: { timeUnit: 'ms' },
  fields: ['object'],
};
/** What should happen has happened by then, or will not. */
const PATIENCE_MS = 20_000;
/** So that commits are not waited for. */
export const WAIT_MS = 50;

/** Bytes as lines of connections, one a ms from here on. */
export const linesOf = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, i) => `${1_600_000_000_000 + from + i} ant bee\n`).join('');

/** Follows into a store of a folder, until it is stopped. */
export class FollowRun {
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

/** What became of inputs, in short. */
export function shown(done: readonly Ingested[]): unknown[][] {
  return done.map(({ input, kind, books, heldBytes }) => [
    input.replace(/.*\//, ''),
    kind,
    books.counted,
    heldBytes,
  ]);
}
