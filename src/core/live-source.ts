/** How far an input was read. Plain data, kept in checkpoints. */
export interface InputMark {
  /** Rank among all inputs ever seen, from 0. */
  readonly rank: number;
  /** As reports and messages name it. */
  readonly name: string;
  /** `device:inode` of the file that held it when last seen; empty where there is none. */
  readonly identity: string;
  /** Bytes from its start, decompressed, of the lines that were decoded. */
  readonly position: number;
  /** SHA-256 of these bytes in hex: who the input is, whatever it is called or compressed with. */
  readonly digest: string;
  /** How many lines these are. */
  readonly lines: number;
  /** Whether no more is expected of it. */
  readonly ended: boolean;
  /** Its first bytes in hex, so that most others need no digest to be told from it. */
  readonly head?: string;
  /** How many first bytes there are of which only the SHA-256 is known, in hex, to the same end. */
  readonly start?: { readonly bytes: number; readonly digest: string };
}

/** An input that may grow. */
export interface LiveInput {
  /** As reports and messages name it. */
  readonly name: string;
  /** The log that it is a piece of: what its records mean may depend on the piece that came before it. */
  readonly log: string;
  /** Rank among all inputs ever seen, from 0: equal times are taken in this order. */
  readonly rank: number;
  /** Where reading begins, in bytes from the input's start, decompressed. */
  readonly from: number;
  /** How many lines stand in front of that. */
  readonly lines: number;
  /** Whether `from` lies within a line, the rest of which is to be skipped. */
  readonly withinLine: boolean;
  /**
   * The first bytes to be read, at most so many, without moving on: to see from when its records are.
   * Empty where that cannot be told, as of a pipe.
   *
   * @param ofAll - The first bytes of the input instead, wherever reading begins.
   */
  head(sizeBytes: number, ofAll?: boolean): Promise<Uint8Array>;
  /**
   * Reads on, and looks whether the input has ended where there is nothing to read.
   *
   * @returns How many bytes were read; 0: nothing is there now, and `end` says whether there will be.
   * @throws DaybookError `SOURCE_UNREADABLE` - It can be read no more; others can.
   */
  read(into: Uint8Array): number | Promise<number>;
  /** Takes note that the next bytes, of so many whole lines, were decoded. */
  consumed(bytes: Uint8Array, lines: number): void;
  /**
   * Takes note that the next bytes, a last line without its end, were decoded as they are: if more comes, they are
   * read again.
   *
   * @returns SHA-256 in hex of all that was decoded, these bytes included.
   */
  withRest(bytes: Uint8Array): string;
  /**
   * Undefined while more may come. `whole`: what was read is all there is, a last line without its end is
   * a line. `cut`: it was truncated, and what was read of a last line is torn.
   */
  readonly end: 'whole' | 'cut' | undefined;
  mark(): InputMark;
}

/** Inputs that may grow, as a user named them; nothing is looked for yet. */
export interface LiveInputs {
  /** Files, patterns, folders in which files appear, or `-` for standard input. */
  readonly words: readonly string[];
  /** Silent for so long, an input does not hold back others, ms. */
  readonly idleMs: number;
  /**
   * Opens them.
   *
   * @param marks - How far they were read before; undefined where nobody did.
   * @param onNote - Tells a person what went wrong with one input while the others go on.
   * @throws DaybookError `USAGE` or `SOURCE_UNREADABLE`
   */
  open(
    marks: readonly InputMark[] | undefined,
    onNote: (message: string) => void,
  ): Promise<LiveSource>;
}

/** Where inputs come from that may grow, and that may come while others are read. */
export interface LiveSource {
  /** Inputs that were not told of before. */
  arrivals(): Promise<LiveInput[]>;
  /** Settles when there may be something new to read or to be told of, after so long at the latest. */
  changed(timeoutMs: number, signal: AbortSignal): Promise<void>;
  /** Says that an input has been silent for long and that all of its windows are reported. */
  settled(input: LiveInput): Promise<void>;
  /** Whether neither inputs will come nor bytes be added. */
  readonly finished: boolean;
  /** How far all inputs were read that are of use to who goes on, bounded in number. */
  marks(): InputMark[];
  close(): Promise<void>;
}
