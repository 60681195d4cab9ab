import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { DAY } from '../../src/core/time.ts';
import { Watermark } from '../../src/core/watermark.ts';

const MINUTE = 60_000;
const DISORDER = 5 * MINUTE;
const JUMP = DAY;
const NOW = Date.UTC(2021, 2, 1);
const Y1970 = 0;
const Y2466 = Date.UTC(2466, 0, 1);

describe('Watermark', () => {
  test('knows nothing before the first record', () => {
    const { high, low } = new Watermark(DISORDER, JUMP);
    assert.deepEqual([high, low], [-Infinity, -Infinity]);
  });

  test('does not believe the first record until a second is near it', () => {
    const first = seen(NOW);
    assert.deepEqual([first.high, first.low, first.late], [NOW, -Infinity, []]);
    for (const second of [NOW, NOW + 1, NOW + JUMP]) {
      const { high, low, late } = seen(NOW, second);
      assert.deepEqual([high, low, late], [second, second - DISORDER, []]);
    }
  });

  test('believes the first record when the second is below it but near', () => {
    for (const second of [NOW - DISORDER, NOW - DISORDER - 1, NOW - JUMP]) {
      const { high, low, late } = seen(NOW, second);
      assert.deepEqual([high, low], [NOW, NOW - DISORDER]);
      assert.deepEqual(late, second < NOW - DISORDER ? [second] : []);
    }
  });

  test('goes back to a second record that is far below the first, which was torn', () => {
    const { high, low, late } = seen(NOW, NOW - JUMP - 1);
    assert.deepEqual([high, low, late], [NOW - JUMP - 1, -Infinity, []]);
  });

  test('takes a record as late that is a millisecond more than the disorder behind', () => {
    const edge = NOW - DISORDER;
    assert.deepEqual(seen(NOW, NOW, edge).late, []);
    assert.deepEqual(seen(NOW, NOW, edge - 1, edge, edge - 2).late, [edge - 1, edge - 2]);
  });

  test('takes any step back as late where no disorder is allowed', () => {
    const watermark = new Watermark(0, JUMP);
    const late = [NOW, NOW, NOW - 1, NOW, NOW + 1, NOW].map((time) => watermark.observe(time));
    assert.deepEqual(late, [false, false, true, false, false, true]);
    assert.equal(watermark.low, NOW + 1);
  });

  test('follows a record that is just no jump', () => {
    assert.equal(seen(NOW, NOW, NOW + JUMP).high, NOW + JUMP);
  });

  test('follows a jump only when the next record confirms it', () => {
    const jump = NOW + JUMP + 1;
    const pending = seen(NOW, NOW, jump);
    assert.deepEqual([pending.high, pending.late], [NOW, []]);
    assert.equal(seen(NOW, NOW, jump, jump).high, jump);
    assert.equal(seen(NOW, NOW, jump, jump + JUMP).high, jump + JUMP);
    assert.equal(seen(NOW, NOW, jump, NOW, jump).high, NOW);
    assert.equal(seen(NOW, NOW, jump, NOW - JUMP, jump).high, NOW);
  });

  test('measures the record that confirms a jump like any other', () => {
    const jump = NOW + 9 * JUMP;
    assert.deepEqual(seen(NOW, NOW, jump, jump - DISORDER).late, []);
    assert.deepEqual(seen(NOW, NOW, jump, jump - DISORDER - 1).late, [jump - DISORDER - 1]);
  });

  test('follows the lower of two jumps that are far apart, the higher one stays pending', () => {
    const [lower, higher] = [NOW + 2 * JUMP, NOW + 3 * JUMP + 1];
    for (const jumps of [
      [lower, higher],
      [higher, lower],
    ]) {
      const both = seen(NOW, NOW, ...jumps);
      assert.deepEqual([both.high, both.late], [lower, []]);
      assert.equal(seen(NOW, NOW, ...jumps, higher).high, higher);
      assert.equal(seen(NOW, NOW, ...jumps, lower, higher).high, lower);
    }
  });

  test('believes all when jumps from an unconfirmed record are confirmed', () => {
    const start = seen(NOW, NOW + 3 * JUMP);
    assert.deepEqual([start.high, start.low], [NOW, -Infinity]);
    const { high, low } = seen(NOW, NOW + 3 * JUMP, NOW + 3 * JUMP + 1);
    assert.deepEqual([high, low], [NOW + 3 * JUMP + 1, NOW + 3 * JUMP + 1 - DISORDER]);
  });

  describe('is not moved by a torn time', () => {
    const log = [0, 1, 2, 3, 4, 5].map((minute) => NOW + minute * MINUTE);
    const end = log.at(-1)!;

    test('of 2466, wherever it stands', () => {
      for (let at = 0; at <= log.length; at++) {
        const { high, low, late } = seen(...log.toSpliced(at, 0, Y2466));
        assert.deepEqual([high, low, late], [end, end - DISORDER, []], `record ${at}`);
      }
    });

    test('of 1970, which is late unless it is one of the first two', () => {
      for (let at = 0; at <= log.length; at++) {
        const { high, low, late } = seen(...log.toSpliced(at, 0, Y1970));
        assert.deepEqual([high, low], [end, end - DISORDER], `record ${at}`);
        assert.deepEqual(late, at < 2 ? [] : [Y1970], `record ${at}`);
      }
    });

    test('nor by two, unless both lie ahead in a row', () => {
      const after = (...torn: number[]) => seen(...log.toSpliced(3, 0, ...torn)).high;
      assert.equal(after(Y1970, Y1970), end);
      assert.equal(after(Y1970, Y2466), end);
      assert.equal(after(Y2466, Y1970), end);
      assert.equal(after(Y2466, Y2466), Y2466);
    });
  });

  test('wakes with a log that slept for years', () => {
    const later = NOW + 3000 * JUMP;
    const { high, low, late } = seen(NOW, NOW + 1, later, later + 1, later + 2);
    assert.deepEqual([high, low, late], [later + 2, later + 2 - DISORDER, []]);
  });

  test('is the running maximum of a log in its disorder and without jumps', () => {
    const steps = fc.array(fc.tuple(fc.nat(JUMP - DISORDER), fc.nat(DISORDER)));
    fc.assert(
      fc.property(steps, (log) => {
        const watermark = new Watermark(DISORDER, JUMP);
        let [base, highest] = [NOW, -Infinity];
        for (const [step, behind] of log) {
          base += step;
          highest = Math.max(highest, base - behind);
          assert.equal(watermark.observe(base - behind), false);
          assert.equal(watermark.high, highest);
        }
        if (log.length > 1) assert.equal(watermark.low, highest - DISORDER);
      }),
    );
  });

  test('never takes back what is no more expected', () => {
    fc.assert(
      fc.property(fc.array(arbitraryTime()), (times) => {
        const watermark = new Watermark(DISORDER, JUMP);
        for (const time of times) {
          const { low } = watermark;
          watermark.observe(time);
          assert.ok(watermark.low >= low);
        }
      }),
    );
  });

  test('goes on from what was saved', () => {
    fc.assert(
      fc.property(fc.array(arbitraryTime()), fc.array(arbitraryTime()), (before, after) => {
        const watermark = new Watermark(DISORDER, JUMP);
        for (const time of before) watermark.observe(time);
        const saved = JSON.parse(JSON.stringify(watermark.save()));
        const loaded = Watermark.load(saved, DISORDER, JUMP);
        assert.deepEqual([loaded.high, loaded.low], [watermark.high, watermark.low]);
        for (const time of after) assert.equal(loaded.observe(time), watermark.observe(time));
        assert.deepEqual(loaded.save(), watermark.save());
      }),
    );
  });
});

describe('Watermark.observeBatch', () => {
  test('stops behind the record that lifts high to where it was asked to', () => {
    const watermark = new Watermark(DISORDER, JUMP);
    const times = Float64Array.of(NOW, NOW, NOW + 1, NOW + 9, NOW + 2, NOW + 12);
    const late = new Uint8Array(times.length);
    assert.equal(watermark.observeBatch(times, 0, 6, late, NOW + 9), 4);
    assert.equal(watermark.observeBatch(times, 4, 6, late, NOW + 13), 6);
    assert.equal(watermark.observeBatch(times, 6, 6, late, NOW), 6);
  });

  test('stops behind the record that confirms high there', () => {
    const watermark = new Watermark(DISORDER, JUMP);
    const times = Float64Array.of(NOW, NOW - 1, NOW - 1);
    const late = new Uint8Array(times.length);
    assert.equal(watermark.observeBatch(times, 0, 3, late, NOW), 1);
    assert.equal(watermark.observeBatch(times, 1, 3, late, NOW), 2);
    assert.equal(watermark.low, NOW - DISORDER);
  });

  test('equals observe for one record after the other', () => {
    const times = fc.array(arbitraryTime(), { maxLength: 40 });
    const stops = fc.oneof(arbitraryTime(), fc.constant(Infinity));
    fc.assert(
      fc.property(times, stops, fc.nat(5), (log, stopAt, margin) => {
        const [one, batch] = [new Watermark(DISORDER, JUMP), new Watermark(DISORDER, JUMP)];
        const columns = Float64Array.from([...Array(margin).fill(Y2466), ...log, Y1970]);
        const [late, to] = [new Uint8Array(columns.length).fill(7), columns.length - 1];
        let calls = 0;
        for (let from = margin; from < to; calls++) {
          const end = batch.observeBatch(columns, from, to, late, stopAt);
          for (let i = from; i < end; i++) {
            const { high, low } = one;
            const isLate = one.observe(columns[i]!);
            assert.equal(late[i], Number(isLate));
            const reached =
              one.high >= stopAt && (one.high > high || (low === -Infinity && one.low > low));
            assert.equal(reached, i === end - 1 && (reached || end < to), `record ${i}`);
          }
          assert.deepEqual(batch.save(), one.save());
          from = end;
        }
        assert.ok(late.subarray(0, margin).every((flag) => flag === 7) && late[to] === 7);
        assert.ok(calls <= log.length);
      }),
      { numRuns: 2000 },
    );
  });
});

/** A watermark that took these times, and which of them were late. */
function seen(...times: number[]): { high: number; low: number; late: number[] } {
  const watermark = new Watermark(DISORDER, JUMP);
  const late = times.filter((time) => watermark.observe(time));
  return { high: watermark.high, low: watermark.low, late };
}

/** Times near one another, some far ahead or behind, and torn ones. */
function arbitraryTime(): fc.Arbitrary<number> {
  return fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: NOW - 2 * DISORDER, max: NOW + 2 * DISORDER }) },
    { weight: 2, arbitrary: fc.integer({ min: NOW - 3 * JUMP, max: NOW + 3 * JUMP }) },
    { weight: 2, arbitrary: fc.constantFrom(Y1970, Y2466, NOW + 8 * JUMP, NOW + 8 * JUMP + 1) },
    fc.maxSafeInteger(),
  );
}
