/** A record that could not be read: its place, why, and how it begins. */
export interface Reject {
  /** The input's name. */
  readonly input: string;
  /** From 1. */
  readonly line: number;
  /** In bytes from the input's start. */
  readonly offset: number;
  readonly reason: string;
  /** The first 1,024 bytes at most, as UTF-8 with replacement characters. */
  readonly text: string;
}

/** A reject of one segment: its line is counted from the segment's start. */
export type SegmentReject = Omit<Reject, 'input'>;

/** Rejects that are not in the file which lists them. Plain data, kept in checkpoints. */
export interface UnlistedRejects {
  /** Those that wait for room, in the order of the log. */
  readonly waiting: readonly Reject[];
  /** How many more there were for which there was no room. */
  readonly lost: number;
}

/** Takes rejects in the order of the log, portion by portion. */
export type RejectSink = (rejects: readonly Reject[]) => Promise<void>;

/** Takes a record that cannot be read: why, and where it stands in `bytes`. */
export type RejectRecord = (reason: string, bytes: Uint8Array, from: number, to: number) => void;

/** How much of a rejected record is kept. */
export const KEPT_TEXT_BYTES = 1024;
