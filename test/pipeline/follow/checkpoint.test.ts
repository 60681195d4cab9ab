import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { Dictionary } from '../../../src/core/dictionary.ts';
import { DaybookError } from '../../../src/core/errors.ts';
import { Checkpoint, type Snapshot } from '../../../src/pipeline/follow/checkpoint.ts';

const folder = mkdtempSync(join(tmpdir(), 'daybook-checkpoint-'));
after(() => rmSync(folder, { recursive: true }));

describe('Checkpoint', () => {
  test('is nothing before it was saved', async () => {
    assert.equal(await new Checkpoint(join(folder, 'none')).load(), undefined);
  });

  test('gives back what was saved last, and how many reports were marked since', async () => {
    const checkpoint = new Checkpoint(join(folder, 'made', 'on', 'the', 'way'));
    await checkpoint.save(snapshot({ due: ['old'] }));
    await checkpoint.mark();
    await checkpoint.save(snapshot({ due: ['a', 'b', 'c'] }));
    await checkpoint.mark();
    await checkpoint.mark();
    assert.deepEqual(await checkpoint.load(), {
      ...snapshot({ due: ['a', 'b', 'c'] }),
      printed: 2,
    });
  });

  test('gives typed arrays memory of their own, as a dictionary needs it', async () => {
    const checkpoint = new Checkpoint(join(folder, 'arrays'));
    const names = new Dictionary();
    for (const name of ['Ada', 'constructor', 'Zoë']) names.add(Buffer.from(name), 0, name.length);
    await checkpoint.save(snapshot({ follower: { deep: [{ names: names.save() }] } }));
    const { follower } = (await checkpoint.load())!;
    const [{ names: saved }] = (follower as { deep: [{ names: ReturnType<Dictionary['save']> }] })
      .deep;
    assert.equal(saved.words.byteOffset, 0);
    assert.equal(Dictionary.load(saved).nameOf(1), 'constructor');
  });

  test('says when it is damaged, none at all, or of another version', async () => {
    const path = join(folder, 'damaged');
    await new Checkpoint(path).save(snapshot({}));
    const whole = readFileSync(path);
    const wrong: Buffer[] = [
      Buffer.alloc(0),
      Buffer.from('hello'),
      whole.subarray(0, whole.length - 1),
      Buffer.from(whole.toString('latin1').replace('checkpoint 2', 'checkpoint 1'), 'latin1'),
    ];
    for (const bytes of wrong) {
      writeFileSync(path, bytes);
      await assert.rejects(new Checkpoint(path).load(), isUnusable);
    }
    await assert.rejects(new Checkpoint(folder).load(), isUnusable);
  });

  test('says where it cannot be kept', async () => {
    const path = join(folder, 'kept');
    const checkpoint = new Checkpoint(path);
    await checkpoint.save(snapshot({ due: ['a'] }));
    const before = readFileSync(path);
    await assert.rejects(new Checkpoint(join(path, 'below')).save(snapshot({})), isUnusable);
    assert.deepEqual(readFileSync(path), before);
    appendFileSync(path, '.');
    assert.equal((await checkpoint.load())!.printed, 1);
  });
});

function snapshot(part: Partial<Snapshot>): Snapshot {
  const rest = { follower: { run: 1 }, marks: [], due: [], outputBytes: 0, rejectBytes: 0 };
  return { key: 'key', ...rest, ...part };
}

function isUnusable(error: unknown): boolean {
  return error instanceof DaybookError && error.code === 'CHECKPOINT_UNUSABLE';
}
