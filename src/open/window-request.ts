import { DaybookError } from '../core/errors.ts';
import { parseDuration } from '../core/time.ts';
import { type WindowSpec, Windows } from '../core/windows.ts';
import type { FollowRequest } from './open-follow.ts';
import type { RangeRequest } from './range-request.ts';

/** A report window by window, in a user's words. */
export interface WindowRequest extends RangeRequest, FollowRequest {
  /** Length of the windows: a divisor of a day such as `10s` or `6h`, or `1d`, `1w`, `1mo`. */
  readonly every?: string | undefined;
  /** Whether windows begin with the clock (unless given), or are counted from the first record. */
  readonly align?: WindowSpec['align'] | undefined;
  /** How far ahead a single record may lie without being confirmed by the next. */
  readonly maxJump?: string | undefined;
}

/** An explanation is of a range: windows of it would say the same again. */
export function explainedWindows(): DaybookError {
  return new DaybookError(
    'USAGE',
    '--explain cannot be combined with --every; explain a range: --from and --to',
  );
}

/** What shapes windows, as a report repeats it. */
export const WINDOW_PARAMETERS = ['every', 'align', 'maxJump'] as const;

/** The windows that were asked for, checked; undefined if there are none. */
export function windowsOf(
  { every, align, maxJump, follow }: WindowRequest,
  zone: string,
): { windows: WindowSpec; maxJumpMs: number } | undefined {
  if (every === undefined) {
    if (follow)
      throw new DaybookError('USAGE', '--follow reports windows; say how long with --every');
    for (const [word, value] of Object.entries({ '--align': align, '--max-jump': maxJump }))
      if (value !== undefined)
        throw new DaybookError('USAGE', `${word} is for windows; say how long with --every`);
    return undefined;
  }
  const windows = { every, align: align ?? 'clock', zone };
  new Windows(windows); // Says what is wrong with it.
  return { windows, maxJumpMs: parseDuration(maxJump ?? '24h') };
}
