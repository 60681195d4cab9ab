import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { WindowWatch } from '../../src/server/window-watch.ts';

const HOUR = 3_600_000;
/** Windows in hours, and the first letters of their states. */
const shown = (windows: ReturnType<WindowWatch['advance']>) =>
  windows.map(({ start, end, state }) => `${start / HOUR}-${end / HOUR} ${state[0]}`);

describe('the windows of something that is watched', () => {
  test('are provisional when their end has passed, and final when all before it is counted', () => {
    const watch = new WindowWatch(9.5 * HOUR);
    const advance = (reached: number, through: number) =>
      shown(watch.advance({ reached: reached * HOUR, through: through * HOUR }));
    assert.deepEqual(advance(9.9, 9.8), []);
    assert.deepEqual(advance(10, 9.9), ['9-10 p']);
    assert.deepEqual(advance(10.1, 10), ['9-10 f']);
    assert.deepEqual(advance(13, 11.5), ['10-11 f', '11-12 p', '12-13 p']);
    assert.deepEqual(advance(13, 13), ['11-12 f', '12-13 f']);
    assert.deepEqual(advance(12, 11), []);
  });

  test('are told in one where they are many', () => {
    const watch = new WindowWatch(0);
    const years = { reached: 50_001 * HOUR, through: 50_000 * HOUR };
    assert.deepEqual(shown(watch.advance(years)), ['0-50000 f', '50000-50001 p']);
  });

  test('are each told once as final, and all of them, however time goes on', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(60), fc.nat(40))), (steps) => {
        const watch = new WindowWatch(0);
        const final: number[] = [];
        const ended: number[] = [];
        let [most, mostReached] = [0, 0];
        for (const [hours, behind] of steps) {
          const reached = hours + behind;
          most = Math.max(most, hours);
          mostReached = Math.max(mostReached, reached);
          const window = { reached: reached * HOUR, through: hours * HOUR };
          for (const { start, end, state } of watch.advance(window))
            for (let hour = start / HOUR; hour < end / HOUR; hour++)
              (state === 'final' ? final : ended).push(hour);
        }
        assert.deepEqual(
          final,
          Array.from({ length: most }, (_, hour) => hour),
        );
        assert.equal(new Set(ended).size, ended.length);
        const told = new Set([...final, ...ended]);
        assert.equal(told.size, mostReached);
      }),
    );
  });
});
