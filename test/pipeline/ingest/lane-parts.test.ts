import assert from 'node:assert/strict';
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { setTimeout as delay, setImmediate as eventLoopTurn } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import fc from 'fast-check';
import { type Job, type JobSpec, loadJob } from '../../../src/core/job.ts';
import type { Input } from '../../../src/core/source.ts';
import { jobModule } from '../../../src/open/open-job.ts';
import type { IngestPart } from '../../../src/pipeline/ingest/ingest-part.ts';
import {
  isWorthLanes,
  type LaneOptions,
  laneParts,
} from '../../../src/pipeline/ingest/lane-parts.ts';
import { serialParts } from '../../../src/pipeline/ingest/serial-parts.ts';
import { ContentHash } from '../../../src/pipeline/read/content-hash.ts';
import { sources } from '../../../src/sources/index.ts';
import { STREAMS } from '../../support/ingested.ts';
import { newFolder } from '../../support/live.ts';
import { arbitraryLogText } from '../../support/log-texts.ts';

const RUNS = Math.ceil(Number(process.env['DAYBOOK_FUZZ_RUNS'] ?? 3000) / 300);
const { format: kind, options, fields } = STREAMS.csv;
const SPEC: JobSpec = {
  module: jobModule,
  decoder: { kind, options },
  aggregation: { kind: 'events', options: { fields } },
};

/** Rows of which most span lines that look like rows. */
function arbitraryLongRows(): fc.Arbitrary<Buffer> {
  const lines = 'one\nant,login,1,1600000000000\n"",x';
  const row = fc.nat(9).map((n) => `ant,login,${n},1600000000000,"${lines.repeat(n)}"\n`);
  return fc.array(row, { maxLength: 25 }).map((rows) => Buffer.from(rows.join('')));
}

/** What parts hold, wherever they were cut. */
interface Decoded {
  readonly events: readonly unknown[];
  readonly rejects: readonly unknown[];
  readonly rejected: Readonly<Record<string, number>>;
  readonly lines: number;
  readonly blank: number;
  /** Of all bytes that were decoded. */
  readonly digest: string;
}

/** Parts put together, which must stand one behind the other. */
async function decoded(
  parts: AsyncIterable<IngestPart>,
  { from, hash }: Pick<LaneOptions, 'from' | 'hash'>,
): Promise<Decoded> {
  const events: unknown[] = [];
  const rejects: unknown[] = [];
  const rejected: Record<string, number> = {};
  let [at, lines, blank] = [from, 0, 0];
  for await (const part of parts) {
    assert.equal(part.from, at);
    assert.ok(part.to > at, 'a part is never empty');
    assert.equal(hash.position, part.to);
    const { columns, names, length } = part.events;
    const { subject, type, time, value, scale, position, line } = columns;
    for (let i = 0; i < length; i++) {
      const who = [names!.nameOf(subject[i]!), names!.nameOf(type[i]!)];
      const what = [time[i], value[i], scale[i], position[i], lines + line[i]!];
      events.push([...who, ...what, part.isRest]);
    }
    for (const reject of part.rejects) rejects.push({ ...reject, line: lines + reject.line });
    for (const [reason, count] of part.rejected) rejected[reason] = (rejected[reason] ?? 0) + count;
    at = part.to;
    lines += part.lines;
    blank += part.blank;
  }
  return { events, rejects, rejected, lines, blank, digest: hash.digest };
}

/** Reads an input on lanes and in one thread: both must find the same. */
async function assertSame(input: Input, others: Partial<LaneOptions>): Promise<Decoded> {
  const setting = async () => {
    const own = { spec: SPEC, lanes: 2, fields, input, from: 0, decoder: undefined, ...others };
    return { ...own, job: own.job ?? (await loadJob(SPEC)), hash: new ContentHash() };
  };
  const serial = { ...(await setting()), job: await loadJob(SPEC) };
  const lanes = await setting();
  const expected = await decoded(serialParts(serial), serial);
  assert.deepEqual(await decoded(laneParts(lanes), lanes), expected);
  return expected;
}

describe('laneParts', () => {
  test('are what one thread reads, wherever cuts fall', async () => {
    using folder = newFolder();
    const path = folder.at('events.csv');
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(arbitraryLogText('csv'), arbitraryLongRows()),
        fc.integer({ min: 10, max: 400 }),
        async (text, partBytes) => {
          writeFileSync(path, text);
          const [input] = await sources.file.inputs([path]);
          fc.pre(input!.splittable);
          await assertSame(input!, { partBytes });
        },
      ),
      { numRuns: RUNS },
    );
  });

  test('read in this thread only what a cut has torn', async () => {
    const row = (i: number) => `ant,login,${i},${1_600_000_000_000 + i}\n`;
    const rows = Array.from({ length: 4000 }, (_, i) => row(i));
    // In each line of these cells a row seems to begin.
    for (const torn of [1000, 3000])
      rows[torn] = row(torn).replace('\n', `,"${row(7).repeat(500)}"\n`);
    using folder = newFolder({ 'events.csv': rows.join('') });
    const [input] = await sources.file.inputs([folder.at('events.csv')]);
    const job = await loadJob(SPEC);
    const spied = new Set<number>();
    const partBytes = 4000;
    const spy: Job = {
      ...job,
      decoder: {
        ...job.decoder,
        decode(chunk, from, to, batch, reject) {
          const next = job.decoder.decode(chunk, from, to, batch, reject);
          for (let at = from; at < next; at++) spied.add(chunk.offset + at);
          return next;
        },
      },
    };
    const { events, rejected } = await assertSame(input!, { partBytes, job: spy });
    assert.deepEqual([events.length, rejected], [4000, {}]);
    assert.ok(spied.size > 0, 'nothing was torn');
    assert.ok(spied.size < 3 * partBytes, `${spied.size} bytes of ${input!.sizeBytes}`);
  });

  test('fail where a lane does, though nobody waits for it just then', async () => {
    const row = 'ant,login,1,1600000000000\n';
    using folder = newFolder({ 'events.csv': row.repeat(400) });
    const path = folder.at('events.csv');
    const [input] = await sources.file.inputs([path]);
    const job = await loadJob(SPEC);
    const setting = { spec: SPEC, lanes: 1, fields, input: input!, from: 0, partBytes: row.length };
    const started = once(process, 'worker') as Promise<[Worker]>;
    const parts = laneParts({ ...setting, job, decoder: undefined, hash: new ContentHash() });
    const first = parts.next();
    const [lane] = await started;
    const failed = Promise.withResolvers<void>();
    const [isAhead, brought] = [Promise.withResolvers<void>(), [] as object[]];
    lane.on('message', (answer: object) => {
      if ('failed' in answer) failed.resolve();
      if ('part' in answer && brought.push(answer) === 2) isAhead.resolve();
    });
    await isAhead.promise;
    assert.equal((await first).value?.to, row.length);
    rmSync(path);
    await parts.next(); // lets the lane go on
    await failed.promise;
    await eventLoopTurn(); // in which the process would end
    await assert.rejects(async () => {
      for await (const _part of parts);
    }, /there is no file/);
  });

  test('are not more than eight ahead of who takes them, however many lanes there are', async () => {
    const row = 'ant,login,1,1600000000000\n';
    using folder = newFolder({ 'events.csv': row.repeat(30) });
    const [input] = await sources.file.inputs([folder.at('events.csv')]);
    let [lanes, brought, taken] = [0, 0, 0];
    const welcome = (lane: Worker) => {
      lanes++;
      lane.on('message', (answer: object) => {
        if ('part' in answer) brought++;
      });
    };
    process.on('worker', welcome);
    try {
      const setting = { spec: SPEC, lanes: 10, fields, input: input!, from: 0 };
      const parts = laneParts({
        ...{ ...setting, partBytes: row.length, decoder: undefined, hash: new ContentHash() },
        job: await loadJob(SPEC),
      });
      for await (const _part of parts) {
        // This one is not done with until the next one is asked for.
        while (brought < Math.min(taken + 8, 30)) await eventLoopTurn();
        await delay(2); // in which there might come more
        assert.ok(brought <= taken + 8, `${brought} brought, ${taken} taken`);
        taken++;
      }
    } finally {
      process.off('worker', welcome);
    }
    assert.deepEqual([lanes, taken], [8, 30]);
  });

  test('are worth it for what is much', async () => {
    using folder = newFolder({ 'a.csv': 'ant,login,1,1600000000000\n' });
    const [small] = await sources.file.inputs([folder.at('a.csv')]);
    const large = { ...small!, sizeBytes: 1 << 30 };
    const job = await loadJob(SPEC);
    const asked = { job, fields, from: 0, decoder: undefined, hash: new ContentHash() };
    assert.ok(isWorthLanes({ ...asked, input: large }, 2));
    assert.ok(!isWorthLanes({ ...asked, input: large }, 1));
    assert.ok(!isWorthLanes({ ...asked, input: large, from: (1 << 30) - 5 }, 2));
    assert.ok(!isWorthLanes({ ...asked, input: { ...large, splittable: false } }, 2));
    assert.ok(!isWorthLanes({ ...asked, input: large, job: { ...job, sequential: true } }, 2));
    assert.ok(!isWorthLanes({ ...asked, input: small! }, 2));
  });
});
