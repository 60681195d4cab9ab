import type { watch } from 'node:fs';
import type { InputMark } from '../core/live-source.ts';

/** How inputs are followed. */
export interface LiveOptions {
  /** Where to begin in files that are there at the start, unless there are marks. */
  readonly readFrom: 'start' | 'end';
  /** What becomes of a file in a watched folder when it is settled. */
  readonly done: 'keep' | 'move';
  /** Silent for so long is idle. */
  readonly idleMs: number;
  /** How far inputs were read before. */
  readonly marks: readonly InputMark[];
  /** Takes what people should know: what was truncated unread, is unreadable, or vanished. */
  readonly onNote: (message: string) => void;
  readonly pace?: Partial<Pace>;
}

/** How closely to look. */
export interface Pace {
  /** Where the system tells of no changes, they are found in this time. */
  readonly pollMs: number;
  /** A file that was not changed for so long is taken for complete. */
  readonly restMs: number;
  /** How many files may be open at a time. */
  readonly openFiles: number;
  /** How the system tells of changes. */
  readonly watch: typeof watch;
}
