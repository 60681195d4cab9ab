import { DaybookError } from '../../core/errors.ts';
import { loadJob } from '../../core/job.ts';
import type { LiveInputs, LiveSource } from '../../core/live-source.ts';
import type { WindowedReport } from '../../core/windowed-report.ts';
import { Checkpoint, type Resumed } from './checkpoint.ts';
import { Follower, type FollowOptions } from './follow.ts';

/** How to follow, and what to go on from. */
export interface FollowingOptions
  extends Pick<FollowOptions, 'provisional' | 'keepRejects' | 'onNote' | 'signal'> {
  /** Path of a file that remembers what was read and reported. */
  readonly checkpoint: string | undefined;
  /** What is reported, of what: the checkpoint of something else is refused. */
  readonly key: string;
}

/** What is followed, until it is disposed of. */
export interface Following<Written = string> extends AsyncDisposable {
  readonly follower: Follower;
  readonly source: LiveSource;
  /** Nobody else can use it meanwhile. */
  readonly checkpoint: Checkpoint<Written> | undefined;
  /** What it said, if it is gone on from there. */
  readonly resumed: Resumed<Written> | undefined;
}

/**
 * Opens what is followed, where a checkpoint says or from its start.
 *
 * @throws DaybookError `USAGE`, `CHECKPOINT_UNUSABLE` or `SOURCE_UNREADABLE`
 */
export async function startFollowing<Written = string>(
  report: WindowedReport,
  inputs: LiveInputs,
  options: FollowingOptions,
): Promise<Following<Written>> {
  const { checkpoint: path, key, onNote } = options;
  if (path !== undefined && inputs.words.includes('-')) {
    throw new DaybookError(
      'USAGE',
      'standard input cannot be read again after a stop; follow files to keep a --checkpoint',
    );
  }
  await using opened = new AsyncDisposableStack();
  const checkpoint = path === undefined ? undefined : new Checkpoint<Written>(path);
  opened.use(await checkpoint?.lock());
  const resumed = await checkpoint?.load();
  if (resumed !== undefined && resumed.key !== key) {
    throw new DaybookError(
      'USAGE',
      `${path} is the checkpoint of something else; name another, or remove it to begin anew`,
    );
  }
  const source = opened.adopt(await inputs.open(resumed?.marks, onNote), (it) => it.close());
  const { idleMs } = inputs;
  const job = await loadJob(report.job);
  const follower = new Follower(report, job, source, { ...options, idleMs }, resumed?.follower);
  const held = opened.move();
  return {
    ...{ follower, source, checkpoint, resumed },
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}
