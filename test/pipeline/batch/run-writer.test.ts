import assert from 'node:assert/strict';
import { closeSync, fstatSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { DaybookError } from '../../../src/core/errors.ts';
import { EventBatch } from '../../../src/core/event-batch.ts';
import { packedBytes } from '../../../src/pipeline/batch/event-columns.ts';
import { RunWriter } from '../../../src/pipeline/batch/run-writer.ts';
import { batchesOf } from '../../support/events.ts';

const BARE = { places: false, fields: ['kind'] } as const;
const PLACED = { ...BARE, places: true };
const HELD_EVENTS = 1 << 17;
const RUN_EVENTS = 1 << 19;

describe('RunWriter', () => {
  test('keeps small logs in memory', () => {
    const writer = new RunWriter(BARE);
    assert.deepEqual(writer.take(), []);
    writer.add(batchOf(10));
    writer.add(batchOf(5));
    const [run, ...others] = writer.take();
    assert.deepEqual([run!.count, run!.least, run!.held!.length], [15, 1, packedBytes(15, BARE)]);
    assert.deepEqual(others, []);
    assert.deepEqual(writer.take(), []);
  });

  test('spills what is more to a file that nobody else sees', () => {
    const folder = mkdtempSync(join(tmpdir(), 'daybook-test-'));
    const temporary = process.env['TMPDIR'];
    process.env['TMPDIR'] = folder;
    try {
      const writer = new RunWriter(PLACED);
      for (let count = 0; count <= HELD_EVENTS; count += EventBatch.CAPACITY) {
        writer.add(batchOf(EventBatch.CAPACITY));
      }
      const runs = writer.take();
      writer.add(batchOf(3));
      runs.push(...writer.take());
      const [first, second] = runs;
      const { descriptor, at, count } = first!;
      assert.deepEqual([at, count], [0, HELD_EVENTS + EventBatch.CAPACITY]);
      assert.deepEqual([second!.count, second!.held!.length], [3, packedBytes(3, PLACED)]);
      assert.deepEqual(readdirSync(folder), []);
      assert.equal(fstatSync(descriptor!).size, packedBytes(count, PLACED));
      closeSync(descriptor!);
    } finally {
      restore(temporary);
      rmSync(folder, { recursive: true });
    }
  });

  test('begins a new run where one is as long as may be sorted in memory', () => {
    const writer = new RunWriter(BARE);
    for (let count = 0; count <= RUN_EVENTS; count += EventBatch.CAPACITY) {
      writer.add(batchOf(EventBatch.CAPACITY));
    }
    const [first, second] = writer.take();
    assert.deepEqual([first!.count, second!.count], [RUN_EVENTS, EventBatch.CAPACITY]);
    closeSync(first!.descriptor!);
  });

  test('says where it has no room, and what to do', () => {
    const temporary = process.env['TMPDIR'];
    process.env['TMPDIR'] = join(tmpdir(), 'daybook-no-such-folder');
    try {
      const writer = new RunWriter(BARE);
      for (let count = 0; count <= HELD_EVENTS; count += EventBatch.CAPACITY) {
        writer.add(batchOf(EventBatch.CAPACITY));
      }
      assert.throws(
        () => writer.take(),
        (error) => {
          assert.ok(error instanceof DaybookError && error.code === 'SPILL_FAILED');
          assert.match(error.message, /daybook-no-such-folder .*ENOENT.*set TMPDIR/);
          return true;
        },
      );
    } finally {
      restore(temporary);
    }
  });
});

/** A batch whose times fall, the least of which is 1. */
function batchOf(count: number): EventBatch {
  const events = Array.from({ length: count }, (_, i) => ({
    time: count - i,
    name: 'A',
    start: true,
  }));
  return batchesOf(events)[0]!;
}

function restore(temporary: string | undefined): void {
  if (temporary === undefined) delete process.env['TMPDIR'];
  else process.env['TMPDIR'] = temporary;
}
