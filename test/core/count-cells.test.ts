import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { CountCells } from '../../src/core/count-cells.ts';

const HOUR = 3_600_000;
/** Few numbers, so that cells share a subject, a type or a start, and are hit again. */
const ids = fc.oneof(fc.nat(3), fc.constantFrom(2 ** 31, 2 ** 32 - 1));
const starts = fc.oneof(
  fc.integer({ min: -2, max: 2 }).map((hours) => hours * HOUR),
  fc.constantFrom(2 ** 53, -(2 ** 53), 2 ** 32 * 1000, 999, 1, -1),
);
const hits = fc.array(fc.tuple(ids, ids, starts), { maxLength: 200 });

describe('CountCells', () => {
  test('count as a Map does', () => {
    fc.assert(
      fc.property(hits, (log) => {
        assert.deepEqual(shown(counted(log)), inMap(log));
      }),
    );
  });

  test('are the same when they were saved and loaded, and go on', () => {
    fc.assert(
      fc.property(hits, hits, (log, more) => {
        const cells = CountCells.load(structuredClone(counted(log).save()));
        assert.deepEqual(shown(counted(more, cells)), inMap([...log, ...more]));
      }),
    );
  });

  test('give each of many cells a row of its own, and find it again', () => {
    const cells = new CountCells();
    const rowOf = (i: number) => cells.rowOf(i % 1000, (i >> 4) & 1, Math.floor(i / 1000) * HOUR);
    const rows = Array.from({ length: 200_000 }, (_, i) => rowOf(i));
    assert.deepEqual(
      rows,
      rows.map((_, i) => i),
    );
    assert.deepEqual(
      rows.map((_, i) => rowOf(i)),
      rows,
    );
    assert.equal(cells.size, 200_000);
  });

  test('are the same when they were saved and loaded, many of them', () => {
    const log = Array.from({ length: 20_000 }, (_, i) => [i % 4999, i % 3, 0] as const);
    const cells = counted(log);
    assert.ok(cells.size > 10_000);
    assert.deepEqual(shown(CountCells.load(structuredClone(cells.save()))), shown(cells));
    assert.deepEqual(shown(cells), inMap(log));
  });

  test('stay fast where subjects and hours lie in a pattern', () => {
    const cells = new CountCells();
    const began = performance.now();
    // Powers of two, which a weak hash puts into few slots.
    for (let i = 0; i < 100_000; i++) cells.rowOf((i % 300) << 20, 0, (i >> 8) * 2 ** 22 * 1000);
    assert.ok(performance.now() - began < 5000);
  });
});

type Hit = readonly [subject: number, type: number, start: number];

function counted(log: readonly Hit[], cells = new CountCells()): CountCells {
  for (const [subject, type, start] of log) {
    const row = cells.rowOf(subject, type, start); // Before, since columns may grow.
    cells.count[row]!++;
  }
  return cells;
}

function shown({ size, subject, type, start, count }: CountCells): [string, number][] {
  return Array.from({ length: size }, (_, row) => [
    [subject[row], type[row], start[row]].join(' '),
    count[row]!,
  ]);
}

function inMap(log: readonly Hit[]): [string, number][] {
  const map = new Map<string, number>();
  for (const hit of log) map.set(hit.join(' '), (map.get(hit.join(' ')) ?? 0) + 1);
  return [...map];
}
