import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { openTop } from '../../../src/open/open-connections.ts';
import { FakeInput, FakeSource, followed } from '../../support/fake-live.ts';
import {
  contentOf,
  finalOf,
  type HostAt,
  lengthsOf,
  logOf,
  MINUTES,
  minutely,
  shownOf,
  sourceOf,
  stoppedAndResumed,
  T,
  TORN,
} from '../../support/window-reports.ts';

describe('a torn time in one input does no harm', () => {
  const sound = Array.from({ length: 40 }, (_, i): HostAt => [T + i * 20_000, `h${i % 3}`]);
  for (const [year, time] of Object.entries(TORN)) {
    test(`in ${year}, wherever it stands`, async () => {
      const whole = await followed(minutely('1m'), sourceOf(logOf(...sound)));
      for (const at of [0, 1, 2, 20, 38, 39, 40]) {
        const log = logOf(...sound.toSpliced(at, 0, [time, 'torn']));
        for (const chunks of [[], lengthsOf(log)]) {
          const { reports, follower } = await followed(minutely('1m'), sourceOf(log, chunks));
          const near = reports.filter(({ window }) => Math.abs(window.start - T) < 1e8);
          const full = near.filter(({ state }) => !state.startsWith('gap'));
          assert.deepEqual(full, whole.reports, `record ${at}`);
          const late = year === '1970' && at >= 2 ? 1 : 0;
          assert.deepEqual(follower.books.late, late);
          const far = finalOf(reports).filter((report) => !full.includes(report));
          assert.deepEqual(
            far.map(({ state }) => state.replace(/ [0-9]+$/, '')).sort(),
            late === 1 ? [] : ['final', 'gap of'],
          );
        }
      }
    });
  }

  test('where following goes on from what was saved in front of it', async () => {
    const records = sound.toSpliced(20, 0, [TORN[2466], 'torn']);
    const log = logOf(...records);
    const whole = await followed(minutely('1m'), sourceOf(log));
    const chunks = lengthsOf(log);
    for (let at = 30; at < 50; at++) {
      const open = () => minutely('1m');
      const stopped = await stoppedAndResumed(open, [log], { chunks: [chunks], at });
      assert.deepEqual(stopped.reports, whole.reports, `step ${at}`);
    }
  });

  test('in 10,000 hours far ahead, each with a window of its own', async () => {
    const records = Array.from(
      { length: 20_000 },
      (_, i): HostAt => (i % 2 === 0 ? [T + i, 'a'] : [TORN[2466] + i * 1_800_000, 'torn']),
    );
    const report = openTop({ files: [], follow: true, every: '1h' });
    const { reports, follower } = await followed(report, sourceOf(logOf(...records)));
    assert.deepEqual([follower.books.counted, follower.books.late], [20_000, 0]);
    assert.equal(reports.filter(({ rows }) => rows[0]?.[3] === 'torn').length, 10_000);
    assert.deepEqual(contentOf(reports[0]!.rows), [['a', 10_000]]);
  });
});

describe('a torn time in one of several inputs does no harm', () => {
  const sound: HostAt[] = Array.from({ length: 30 }, (_, i) => [T + i * 20_000, 'b']);
  const half = logOf(...sound.slice(0, 16)).length;

  /** What is reported of the minutes near by, where another input comes, is read and is silent for a while. */
  const reported = async (
    records: readonly HostAt[],
    { arrives, ends, silentMs }: { arrives: number; ends: boolean; silentMs: number },
  ) => {
    const one = new FakeInput('b', 0, Buffer.from(logOf(...sound)), { shown: half });
    const other = new FakeInput('a', 1, Buffer.from(logOf(...records)));
    const plan: ((source: FakeSource) => void)[] = [
      () => {},
      () => ends && other.finish(),
      (source) => {
        source.clockMs += silentMs;
      },
      () => {},
      () => one.show(),
    ];
    if (arrives > 0) plan.splice(arrives, 0, (source) => source.arrive(other));
    const source = new FakeSource(arrives > 0 ? [one] : [one, other], plan);
    const { reports } = await followed(minutely('10s'), source);
    return shownOf(finalOf(reports)).filter(
      ([minute, state]) => Math.abs(Number(minute)) < 1e6 && state === 'final',
    );
  };

  for (const [year, torn] of Object.entries(TORN)) {
    for (const [how, records] of [
      ['alone in an input', [[torn, 'torn']]],
      ['in front', [[torn, 'torn'], ...MINUTES]],
      ['in the middle', MINUTES.toSpliced(3, 0, [torn, 'torn'])],
      ['behind', [...MINUTES, [torn, 'torn']]],
    ] as [string, readonly HostAt[]][]) {
      test(`in ${year}, ${how}`, async () => {
        const others = records.filter(([time]) => time !== torn);
        for (const arrives of [0, 1, 2, 4])
          for (const ends of [true, false])
            for (const silentMs of [0, 10_000, 31_000]) {
              const way = { arrives, ends, silentMs };
              assert.deepEqual(
                await reported(records, way),
                await reported(others, way),
                JSON.stringify(way),
              );
            }
      });
    }
  }
});
