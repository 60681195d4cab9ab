import type { Run } from './run-history.ts';
import { formatInstant } from './time.ts';

/** A run as programs are told of it. */
export interface RunRecord
  extends Pick<
    Run,
    | 'report'
    | 'parameters'
    | 'state'
    | 'rows'
    | 'destination'
    | 'error'
    | 'version'
    | 'inputs'
    | 'notes'
  > {
  readonly run: string;
  readonly as_of: string;
  /** This and the next two are RFC 3339, in UTC. */
  readonly due: string | undefined;
  readonly started: string;
  readonly finished: string | undefined;
  readonly bytes: number | undefined;
  /** Of its file, in hex. */
  readonly sha256: string | undefined;
}

/** All that is known of a run, for programs. */
export function runRecord(run: Run): RunRecord {
  const { id, asOf, due, started, finished, sizeBytes, digest, key: _, draft: __, ...rest } = run;
  const at = (instant: number) => formatInstant(instant, 'UTC');
  const times = {
    due: due === undefined ? due : at(due),
    started: at(started),
    finished: finished === undefined ? finished : at(finished),
  };
  return { run: id, as_of: asOf, ...times, bytes: sizeBytes, sha256: digest, ...rest };
}
