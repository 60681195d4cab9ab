import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { booksOf } from '../../src/core/books.ts';
import { EventBatch } from '../../src/core/event-batch.ts';
import { stores } from '../../src/stores/index.ts';
import { seededRandom } from '../support/random.ts';
import { Served } from '../support/served.ts';

/** Loads, each sent through several kills: 200 in the long form. */
const SEEDS = Number(process.env['DAYBOOK_KILL_SEEDS'] ?? 2) * 5;
const KILLS = 3;
const SENDERS = 4;
const TYPES = ['application/json', 'application/x-ndjson'] as const;

describe('serve', () => {
  for (let seed = 1; seed <= SEEDS; seed++)
    test(`counts what it acknowledged once through ${KILLS} kills (seed ${seed})`, async () => {
      const random = seededRandom(seed);
      const folder = mkdtempSync(join(tmpdir(), 'daybook-post-'));
      writeFileSync(join(folder, 'daybook.yaml'), 'store: { path: posted.db }\n');
      const load = new Load(random);
      let server: Served | undefined;
      try {
        for (let kill = 0; kill < KILLS; kill++) {
          server = await Served.start(folder);
          const senders = load.send(server);
          await delay(random() * 400);
          await Promise.all([server.stop('SIGKILL'), senders]);
        }
        server = await Served.start(folder);
        const senders = load.send(server);
        await delay(200);
        assert.deepEqual(await server.stop(), [0, null], 'it finishes what it has begun');
        await senders;
        const kept = await keptIn(folder);
        assert.equal(new Set(kept).size, kept.length, 'none is counted twice');
        const ids = new Set(kept);
        for (const id of load.acknowledged) assert.ok(ids.has(id), `${id} was acknowledged`);
        for (const id of ids) assert.ok(load.sent.has(id), `${id} was sent`);
        assert.ok(load.acknowledged.size > 0);
      } finally {
        server?.child.kill('SIGKILL');
        rmSync(folder, { recursive: true });
      }
    });
});

/** Several senders that send what was not acknowledged again. */
class Load {
  readonly sent = new Set<string>();
  readonly acknowledged = new Set<string>();
  readonly #random: () => number;
  /** Batches that were not acknowledged. */
  #pending: string[][] = [];
  #latest = 0;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** Sends until nobody takes it any more. */
  async send(server: Served): Promise<void> {
    await Promise.all(Array.from({ length: SENDERS }, () => this.#sendAll(server)));
  }

  async #sendAll(server: Served): Promise<void> {
    for (;;) {
      const ids = this.#pending.pop() ?? this.#batch();
      const type = TYPES[Math.floor(this.#random() * TYPES.length)]!;
      try {
        const answer = await server.post(bodyOf(ids, type), type);
        const said = await answer.text();
        if (answer.status === 503) throw new Error('it is finishing');
        assert.equal(answer.status, 204, said);
        for (const id of ids) this.acknowledged.add(id);
        // Now and then an answer is lost on its way.
        if (this.#random() < 0.1) this.#pending.push(ids);
      } catch (error) {
        if (error instanceof assert.AssertionError) throw error;
        this.#pending.push(ids);
        return;
      }
    }
  }

  #batch(): string[] {
    const ids = Array.from(
      { length: 1 + Math.floor(this.#random() * 50) },
      () => `${++this.#latest}`,
    );
    for (const id of ids) this.sent.add(id);
    return ids;
  }
}

function bodyOf(ids: readonly string[], type: (typeof TYPES)[number]): string {
  const events = ids.map((id) => ({
    ...{ specversion: '1.0', id, source: 'load', type: 'call', subject: `s${Number(id) % 7}` },
    ...(Number(id) % 2 === 0 && { time: new Date(1e12 + Number(id) * 1000).toISOString() }),
    data: { n: Number(id) },
  }));
  return type === 'application/json'
    ? JSON.stringify(events)
    : events.map((event) => JSON.stringify(event)).join('\n');
}

/** The ids of all events that are kept, after a look at the books and the minutes. */
async function keptIn(folder: string): Promise<string[]> {
  const store = stores.sqlite({ path: join(folder, 'posted.db'), readOnly: true });
  const kept: string[] = [];
  try {
    let counted = 0;
    for (const input of await store.inputs('posted')) {
      counted += booksOf([input]).counted;
      let position = 0;
      for (const { id, from, to } of await store.segments(input.id)) {
        assert.equal(from, position);
        position = to;
        for await (const batch of store.events(id, new EventBatch()))
          for (let i = 0; i < batch.length; i++) {
            const [, own] = JSON.parse(Buffer.from(batch.id.bytesOf(i)).toString()) as string[];
            assert.equal(Buffer.from(batch.data.bytesOf(i)).toString(), `{"n":${own}}`);
            kept.push(own!);
          }
      }
      assert.equal(input.position, position);
    }
    let inMinutes = 0;
    const everything = { stream: 'posted', from: -Infinity, to: Infinity };
    for await (const portion of store.minutes(everything))
      for (const { count } of portion) inMinutes += count;
    assert.deepEqual([counted, inMinutes], [kept.length, kept.length]);
  } finally {
    await store.close();
  }
  return kept;
}
