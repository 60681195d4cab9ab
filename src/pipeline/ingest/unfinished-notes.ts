import { withoutControls } from '../../core/cell.ts';
import type { StoredInput } from '../../core/store.ts';

const AGAIN =
  'counting it once more was stopped, so a part of it counts twice; ingest goes on where the file is there, and ' +
  '--replace takes all of it back where another one is there under its name';
const REPLACING =
  'counting it anew (--replace) was stopped, so some events that others have, too, are not counted; ingest goes on where the ' +
  'file is there, without --follow';

/** Which inputs are counted only in part besides what they are copies of, or instead of what was there before. */
export function unfinishedNotes(inputs: readonly StoredInput[]): string[] {
  return inputs.flatMap(({ name, isUnfinished, isReplacing }) =>
    [isUnfinished && AGAIN, isReplacing && REPLACING].flatMap((why) =>
      why ? `${withoutControls(name)}: ${why}` : [],
    ),
  );
}
