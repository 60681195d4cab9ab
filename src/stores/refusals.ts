import { DaybookError } from '../core/errors.ts';
import { formatInstant } from '../core/time.ts';

/** Why a commit that another one overtook is refused: it would be counted twice, or leave a gap. */
export function overtaken(name: string): DaybookError {
  return new DaybookError(
    'STORE_UNUSABLE',
    `another process ingested while ${name} was read, and may have counted it; run again`,
  );
}

/** Why nothing is withdrawn from a store without events. */
export function notWithdrawn(): DaybookError {
  return new DaybookError(
    'USAGE',
    'what was counted cannot be withdrawn: the store keeps rollups only, not the events',
  );
}

/** Why nothing is withdrawn that was counted before what a store forgot. */
export function notWithdrawnBefore(goneBefore: number): DaybookError {
  return new DaybookError(
    'USAGE',
    `what was counted cannot be withdrawn: events before ${formatInstant(goneBefore, 'UTC')} are forgotten`,
  );
}

/** Why nothing is withdrawn of which somebody was erased. */
export function notWithdrawnErased(): DaybookError {
  return new DaybookError(
    'USAGE',
    'what was counted cannot be withdrawn: some of its events are erased',
  );
}

/** Why an input or a stretch cannot be read of which a reader still knows. */
export function takenBack(): DaybookError {
  return new DaybookError(
    'STORE_UNUSABLE',
    'another process took back what was to be read; run again',
  );
}

/** Why a stream cannot be read or written. */
export function noStream(name: string): DaybookError {
  return new DaybookError('USAGE', `the store has no source ${name}`);
}

/** Why nothing more is entered of a run. */
export function noRun(id: string): DaybookError {
  return new DaybookError('STORE_UNUSABLE', `the run history has no run ${id} any more`);
}
