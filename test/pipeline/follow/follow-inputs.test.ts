import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DaybookError } from '../../../src/core/errors.ts';
import { FakeInput, FakeSource, followed } from '../../support/fake-live.ts';
import {
  finalOf,
  type HostAt,
  logOf,
  MINUTES,
  minutely,
  shownOf,
  T,
} from '../../support/window-reports.ts';

describe('Follower, of several inputs', () => {
  test('waits for the one that is behind, until that is silent for too long', async () => {
    const ahead = inputOf('ahead', 0, ...MINUTES);
    const behind = inputOf('behind', 1, [T, 'b'], [T + 2, 'b']);
    const found: unknown[] = [];
    const idleMs = 30_000;
    const plan = [...Array.from({ length: 5 }, () => waiting(6000)), waiting(0)];
    const source = new FakeSource([ahead.input, behind.input], plan);
    await followed(minutely('0s'), source, {
      idleMs,
      onStep(_, reports) {
        found.push([source.clockMs, ...shownOf(finalOf(reports))]);
        return undefined;
      },
    });
    const first = found.find((it) => (it as unknown[]).length > 1) as unknown[];
    assert.ok((first[0] as number) >= idleMs && (first[0] as number) < idleMs + 10_000);
    assert.deepEqual(first.slice(1), [
      [0, 'final', 'a 2', 'b 2'],
      [1, 'final', 'a 1'],
    ]);
  });

  test('counts as late what comes of the silent one when its window is final, and waits for it again', async () => {
    const ahead = inputOf('ahead', 0, ...MINUTES, [T + 200_000, 'a']);
    const records: HostAt[] = [
      [T, 'b'],
      [T + 2, 'b'],
      [T + 30_000, 'late'],
      [T + 125_000, 'b'],
    ];
    const behind = inputOf('behind', 1, ...records);
    const [shown, more] = [logOf(...MINUTES).length, logOf(...records.slice(0, 2)).length];
    const inputs = [
      new FakeInput('ahead', 0, Buffer.from(ahead.log), { shown }),
      new FakeInput('behind', 1, Buffer.from(behind.log), { shown: more }),
    ];
    const plan = [
      waiting(31_000),
      () => {},
      () => inputs[1]!.show(),
      () => inputs[0]!.show(),
      () => {},
    ];
    const states: string[][] = [];
    const { reports, follower } = await followed(minutely('0s'), new FakeSource(inputs, plan), {
      onStep(_, found) {
        states.push(shownOf(finalOf(found)).map(([minute]) => String(minute)));
        return undefined;
      },
    });
    assert.deepEqual(shownOf(finalOf(reports)), [
      [0, 'final', 'a 2', 'b 2'],
      [1, 'final', 'a 1'],
      [2, 'final', 'a 2', 'b 1'],
      [3, 'final', 'a 1'],
    ]);
    assert.equal(follower.books.late, 1);
    // Window 2 was not final before the end, for the other input was back, at 125 s.
    assert.deepEqual(states.at(-2), ['0', '1']);
  });

  test('waits for one that came late to what it tells', async () => {
    const ahead = inputOf('ahead', 0, ...MINUTES);
    const other = inputOf('other', 1, [T + 65_000, 'b'], [T + 66_000, 'b']);
    const source = new FakeSource([ahead.input], [(it) => it.arrive(other.input)]);
    const { reports, follower } = await followed(minutely('1m'), source);
    assert.deepEqual(shownOf(finalOf(reports)), [
      [0, 'final', 'a 2'],
      [1, 'final', 'b 2', 'a 1'],
      [2, 'final', 'a 2'],
    ]);
    assert.equal(follower.books.late, 0);
  });

  test('reports windows of files that hold a record each', async () => {
    const records = [0, 1, 2, 3].map((minute) => T + minute * 60_000);
    const source = new FakeSource(
      [],
      records.map((time, i) => (it) => {
        const { input } = inputOf(`file ${i}`, i, [time, 'a']);
        input.finish();
        it.arrive(input);
      }),
    );
    const inTime: number[] = [];
    const { reports } = await followed(minutely('0s'), source, {
      onStep: (_, found) => void (source.finished || inTime.push(finalOf(found).length)),
    });
    assert.deepEqual(
      shownOf(finalOf(reports)),
      records.map((_, i) => [i, 'final', 'a 1']),
    );
    assert.equal(inTime.at(-1), 3);
  });

  test('remembers how far those were that have ended', async () => {
    const { input } = inputOf('ended', 0, ...MINUTES);
    input.finish();
    const first = await followed(minutely('0s'), new FakeSource([input]), {
      // It has ended, and what it told is not yet reported.
      onStep: () => input.end !== undefined,
    });
    const fresh = inputOf('fresh', 1, [T + 121_000, 'b']);
    const source = new FakeSource([], [(it) => it.arrive(fresh.input)]);
    const inTime: number[] = [...shownOf(finalOf(first.reports)).map(([minute]) => Number(minute))];
    const saved = structuredClone(first.follower.save());
    let seen = 0;
    await followed(minutely('0s'), source, {
      saved,
      onStep(_, found) {
        if (!source.finished)
          inTime.push(...shownOf(finalOf(found.slice(seen))).map(([minute]) => Number(minute)));
        seen = found.length;
        return undefined;
      },
    });
    assert.deepEqual(inTime, [0, 1]);
  });

  test('goes on with the others when one can be read no more, and says so', async () => {
    const { input: sound } = inputOf('sound', 0, ...MINUTES);
    const { input: broken } = inputOf('broken', 1, [T, 'b'], [T + 1, 'b']);
    let fails = true;
    const { read } = broken;
    broken.read = (into) => {
      if (fails) throw new DaybookError('SOURCE_UNREADABLE', 'cannot read broken');
      return read.call(broken, into);
    };
    const notes: string[] = [];
    const mended = () => {
      fails = false;
    };
    const source = new FakeSource([sound, broken], [() => {}, mended]);
    const { reports, follower } = await followed(minutely('0s'), source, {
      onNote: (message) => void notes.push(message),
    });
    assert.deepEqual(notes, ['cannot read broken', 'cannot read broken']);
    assert.equal(follower.books.late, 0);
    assert.deepEqual(shownOf(finalOf(reports))[0], [0, 'final', 'a 2', 'b 2']);
  });

  test('does not say of an input that all it told is reported while the rest of it cannot be read', async () => {
    const broken = new FakeInput('broken', 0, Buffer.from(logOf(...MINUTES, [T + 130_000, 'a'])), {
      shown: logOf(...MINUTES).length,
    });
    const { input: other } = inputOf('other', 1, [T + 1_200_000, 'b'], [T + 1_200_001, 'b']);
    let fails = false;
    const { read } = broken;
    broken.read = (into) => {
      if (fails) throw new DaybookError('SOURCE_UNREADABLE', 'cannot read broken');
      return read.call(broken, into);
    };
    const early: string[] = [];
    const source = new FakeSource(
      [broken],
      [
        () => {
          fails = true;
          broken.show();
        },
        (it) => it.arrive(other),
        waiting(31_000),
        () => {},
        (it) => {
          early.push(...it.settledInputs);
          fails = false;
        },
        waiting(31_000),
        () => {},
      ],
    );
    const { follower } = await followed(minutely('0s'), source, { onNote: () => {} });
    assert.deepEqual(early, []);
    assert.ok(source.settledInputs.includes('broken'));
    assert.equal(follower.books.read, MINUTES.length + 3);
  });

  test('fails with the input where no more will come', async () => {
    const { input } = inputOf('broken', 0, [T, 'b']);
    input.read = () => {
      throw new DaybookError('SOURCE_UNREADABLE', 'cannot read broken');
    };
    const source = new FakeSource([input]);
    source.finished = true;
    await assert.rejects(followed(minutely('0s'), source), /cannot read broken/);
  });

  test('says once of an input that all it told is reported, and again after it told more', async () => {
    const records: HostAt[] = [...MINUTES, [T + 600_000, 'a'], [T + 600_001, 'a']];
    const done = new FakeInput('done', 0, Buffer.from(logOf(...records)), {
      shown: logOf(...MINUTES).length,
    });
    const { input: other } = inputOf('other', 1, [T + 300_000, 'b'], [T + 300_001, 'b']);
    const later = inputOf('later', 2, [T + 1_200_000, 'c'], [T + 1_200_001, 'c']);
    const told: number[] = [];
    const source = new FakeSource(
      [done],
      [
        waiting(31_000),
        (it) => it.arrive(other),
        waiting(31_000),
        () => {},
        () => done.show(),
        (it) => it.arrive(later.input),
        waiting(31_000),
        () => {},
      ],
    );
    await followed(minutely('0s'), source, {
      onStep: () => void told.push(source.settledInputs.filter((name) => name === 'done').length),
    });
    assert.deepEqual([...new Set(told)], [0, 1, 2]);
  });
});

function inputOf(name: string, rank: number, ...records: readonly HostAt[]) {
  const log = logOf(...records);
  return { log, input: new FakeInput(name, rank, Buffer.from(log)) };
}

/** Lets time go by while nothing comes. */
function waiting(ms: number): (source: FakeSource) => void {
  return (source) => {
    source.clockMs += ms;
  };
}
