import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { GrowingRejects, type GrowingRejectsOptions } from '../../src/cli/growing-rejects.ts';
import type { Outlet } from '../../src/core/destination.ts';
import { DaybookError } from '../../src/core/errors.ts';
import type { Reject, UnlistedRejects } from '../../src/core/rejects.ts';

const SECOND = 1000;

describe('GrowingRejects', () => {
  test('adds rejects as they come, under one header', async () => {
    const { file, rejects } = listed('bad.csv');
    await rejects.add([]);
    assert.equal(file.text, '');
    await rejects.add(numbered(1, 3));
    await rejects.add(numbered(3, 4));
    const lines = ['1,0,bad,1', '2,0,bad,2', '3,0,bad,3'].map((rest) => `log,${rest}`);
    assert.deepEqual(file.text.trimEnd().split('\r\n'), [
      'input,line,offset,reason,text',
      ...lines,
    ]);
    rejects.check(false);
  });

  test('keeps what a full disk does not take, says so once, and tries again each second', async () => {
    const { file, rejects, notes, clock } = listed('bad.ndjson');
    file.isFull = true;
    for (let i = 1; i < 5; i++) await rejects.add(numbered(i, i + 1));
    assert.deepEqual(notes, ['disk full; rejects wait for room there, all else goes on']);
    assert.equal(file.tries, 1);
    clock.ms += SECOND;
    await rejects.add([]);
    assert.equal(file.tries, 2);
    assert.equal(notes.length, 1);
    file.isFull = false;
    clock.ms += SECOND;
    await rejects.add([]);
    assert.deepEqual(notes.slice(1), ['rejects are listed in bad.ndjson again']);
    assert.deepEqual(file.listed, ['1', '2', '3', '4']);
    assert.equal(rejects.unlisted, 0);
    rejects.check(false);
  });

  test('lets no more than so many wait, and counts the others', async () => {
    const { file, rejects, notes, clock } = listed('bad.ndjson');
    file.isFull = true;
    await rejects.add(numbered(0, 5000));
    await rejects.add(numbered(5000, 10_000));
    await rejects.add(numbered(10_000, 20_000));
    assert.match(notes[1]!, /^8192 rejects wait for room .* counted, but not listed$/);
    assert.equal(notes.length, 2);
    assert.equal(rejects.unlisted, 20_000);
    const { unlisted } = await rejects.save();
    assert.deepEqual([unlisted.waiting.length, unlisted.lost], [8192, 11_808]);
    file.isFull = false;
    clock.ms += SECOND;
    await rejects.add(numbered(20_000, 20_001));
    assert.deepEqual(file.listed.slice(-2), ['8191', '20000']);
    assert.throws(() => rejects.check(true), /no room in bad.ndjson; .* not listed: 11808$/);
  });

  test('fails in the end where some are not listed, and says where they are', async () => {
    const { file, rejects } = listed('bad.ndjson');
    file.isFull = true;
    await rejects.add(numbered(0, 3));
    await rejects.close();
    assert.throws(() => rejects.check(false), /^DaybookError: disk full; .* not listed: 3$/);
    assert.throws(() => rejects.check(true), /; the checkpoint keeps 3 of them$/);
  });

  test('does not fail for what an earlier run lost, and goes on telling of it', async () => {
    const { rejects } = listed('bad.ndjson', { waiting: [], lost: 3 });
    await rejects.add(numbered(0, 3));
    rejects.check(true);
    assert.equal(rejects.unlisted, 3);
    assert.equal((await rejects.save()).unlisted.lost, 3);
  });

  test('tries once more before the file is closed', async () => {
    const { file, rejects } = listed('bad.ndjson');
    file.isFull = true;
    await rejects.add(numbered(0, 3));
    file.isFull = false;
    await rejects.close();
    assert.equal(file.listed.length, 3);
    rejects.check(false);
  });

  test('lists each reject once through stops at any instant, whenever there is room', async () => {
    const step = fc.record({
      isFull: fc.boolean(),
      count: fc.nat(3),
      what: fc.constantFrom('go on', 'save', 'be killed'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step), async (steps) => {
        const { file, rejects: first } = listed('bad.ndjson');
        let rejects = first;
        let saved = { ...(await rejects.save()), next: 0 };
        let next = 0;
        for (const { isFull, count, what } of steps) {
          file.isFull = isFull;
          await rejects.add(numbered(next, next + count));
          next += count;
          if (what === 'save') saved = structuredClone({ ...(await rejects.save()), next });
          if (what !== 'be killed') continue;
          file.text = file.text.slice(0, saved.rejectBytes);
          rejects = new GrowingRejects(file, 'bad.ndjson', optionsOf({ saved: saved.unlisted }));
          next = saved.next;
        }
        file.isFull = false;
        await rejects.close();
        assert.deepEqual(
          file.listed,
          numbered(0, next).map(({ text }) => text),
        );
      }),
    );
  });
});

/** A file in memory, on a disk that may be full. */
class FakeFile implements Outlet {
  text = '';
  isFull = false;
  tries = 0;
  readonly isClosed = false;

  get sizeBytes(): number {
    return this.text.length;
  }

  /** The texts of the rejects that stand in it, a JSON object a line. */
  get listed(): string[] {
    const lines = this.text.split('\n').slice(0, -1);
    return lines.map((line) => (JSON.parse(line) as Reject).text);
  }

  async write(text: string): Promise<void> {
    this.tries++;
    if (this.isFull) throw new DaybookError('DESTINATION_UNWRITABLE', 'disk full');
    this.text += text;
  }

  async sync(): Promise<void> {}
  async close(): Promise<void> {}
}

function listed(path: string, saved?: UnlistedRejects) {
  const file = new FakeFile();
  const notes: string[] = [];
  const clock = { ms: 0 };
  const onNote = (note: string) => void notes.push(note);
  const options = optionsOf({ saved, onNote, now: () => clock.ms });
  return { file, rejects: new GrowingRejects(file, path, options), notes, clock };
}

function optionsOf(part: Partial<GrowingRejectsOptions>): GrowingRejectsOptions {
  return { onNote: () => {}, ...part };
}

/** Rejects whose texts are numbers, from one up to another. */
function numbered(from: number, to: number): Reject[] {
  return Array.from({ length: to - from }, (_, i) => {
    const text = String(from + i);
    return { input: 'log', line: from + i, offset: 0, reason: 'bad', text };
  });
}
