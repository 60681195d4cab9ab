import { DaybookError } from './errors.ts';
import type { EventBatch } from './event-batch.ts';
import type { EventField, EventList } from './event-list.ts';
import type { SegmentReject } from './rejects.ts';
import { formatInstant } from './time.ts';
import type { TimeRange } from './time-range.ts';
import type { ValueTotals } from './value-sums.ts';

/** What is kept: every event, or only how many there were in each minute. */
export type Keep = 'events' | 'rollups';

/** A kind of records in a store: those of a source, or of a type of posted events. */
export interface Stream {
  readonly name: string;
  /** The decoder that reads them. */
  readonly format: string;
  /** Its options, plain data: a stream's records are all read alike. */
  readonly options: unknown;
  readonly fields: readonly EventField[];
  /** Some events before this instant, ms since the epoch, are forgotten: of them only minutes and ids are left. */
  readonly goneBefore?: number | undefined;
  /** Whether no report counts its events by minute: then minutes are kept only by a store that keeps nothing else. */
  readonly eventsOnly?: boolean | undefined;
}

/** How the records of a stream are read, as text: the same for the same. */
export function readingOf({ format, options, fields }: Stream): string {
  return JSON.stringify({ format, options, fields });
}

/** Whether a store keeps how many events of a stream there are in each minute. */
export function hasMinutes(
  keep: Keep,
  { eventsOnly = false }: Pick<Stream, 'eventsOnly'>,
): boolean {
  return keep === 'rollups' || !eventsOnly;
}

/** The first bytes of an input: how many, and their SHA-256 in hex. */
export interface InputHead {
  readonly bytes: number;
  readonly digest: string;
}

/** An input as far as it is in a store. */
export interface StoredInput {
  readonly id: number;
  /** As it was called when it was last found. */
  readonly name: string;
  /** Bytes from its start, decompressed, of which all records are in the store. */
  readonly position: number;
  /** SHA-256 of these bytes in hex: who the input is, whatever it is called or compressed with. */
  readonly digest: string;
  /** Its first bytes, by which it is told from most others. */
  readonly head: InputHead;
  /** Where more of it is to be read from: in front of a last record that had no end. */
  readonly settled: { readonly position: number; readonly digest: string };
  /** Records by what became of them. `read = lines − blank`. */
  readonly lines: number;
  readonly blank: number;
  readonly counted: number;
  readonly duplicate: number;
  readonly conflict: number;
  readonly rejected: Readonly<Record<string, number>>;
  /** Least and greatest time of its events, also of those that are forgotten, ms since the epoch; undefined without any. */
  readonly firstTime: number | undefined;
  readonly lastTime: number | undefined;
  /** What the meaning of its next record depends on, as its decoder saved it. */
  readonly decoder: unknown;
  /** Whether it is counted besides another one of the same content, and that is not done yet. */
  readonly isUnfinished?: boolean | undefined;
  /** Whether it took the place of another one, is not finished, and ids are kept for it that others have, too. */
  readonly isReplacing?: boolean | undefined;
}

/** What a stretch of an input brought: to be kept at once, or not at all. */
export interface Commit {
  readonly stream: string;
  /** The input it goes on with; undefined for a new one. */
  readonly input: number | undefined;
  readonly name: string;
  /** How it was read (`readingOf`), if that may not be how the stream is read by now: then it is refused. */
  readonly reading?: string | undefined;
  readonly head: InputHead;
  /** Whether it is a last record without its end: what goes on from its start takes its place. */
  readonly isRest: boolean;
  /** Inputs that are withdrawn in the same transaction: this one takes their place. */
  readonly replaces?: readonly number[] | undefined;
  /**
   * Whether more may follow of what takes their place: ids that are free by it are kept for it until it is finished, and do
   * not count from where others have them.
   */
  readonly isReplacing?: boolean | undefined;
  /**
   * Of a new input: the greatest id of the stream's inputs, 0 if it has none, when it was looked for among them. One
   * that came since might be the same: then the commit is refused.
   */
  readonly latest?: number | undefined;
  /** Of a new input: whether it is counted besides another one of the same content, until it is finished. */
  readonly isUnfinished?: boolean | undefined;
  /** Bytes [from, to) of the input, decompressed. */
  readonly from: number;
  readonly to: number;
  /** SHA-256 of bytes [0, to) in hex. */
  readonly digest: string;
  /** Lines in the stretch. */
  readonly lines: number;
  readonly blank: number;
  /** The events, their lines counted from 1 at the start of the stretch. The store may drop some of them. */
  readonly events: EventList;
  readonly rejected: ReadonlyMap<string, number>;
  /** Rejects to be kept, lines counted as those of the events. */
  readonly rejects: readonly SegmentReject[];
  /** What the decoder has to remember where more of the input is read; plain data. */
  readonly decoder: unknown;
  /** Indexes of events that told no time, and were given one: it is left out where contents are compared. */
  readonly untimed?: ReadonlySet<number> | undefined;
  /** Whether nothing is to be kept where an event has the id of another, with other content. */
  readonly isWhole?: boolean | undefined;
}

/** What became of each event, as `Committed.fates` has it. */
export const FATE = { counted: 0, duplicate: 1, conflict: 2 } as const;

/** A commit was to be kept as a whole, and cannot be. */
export class ConflictingCommit extends Error {
  /** One `FATE` an event. */
  readonly fates: Uint8Array;

  constructor(fates: Uint8Array) {
    super('the commit has events whose ids are those of others');
    this.fates = fates;
  }
}

/** What became of a stretch's events. */
export interface Committed {
  readonly input: number;
  readonly counted: number;
  readonly duplicate: number;
  readonly conflict: number;
  /** One `FATE` an event as they were given; undefined where all were counted. */
  readonly fates?: Uint8Array | undefined;
}

/** A stretch of an input as it is kept. */
export interface StoredSegment {
  readonly id: number;
  readonly from: number;
  readonly to: number;
  readonly lines: number;
  readonly blank: number;
  readonly counted: number;
  readonly duplicate: number;
  readonly conflict: number;
  readonly rejected: Readonly<Record<string, number>>;
  /** How many of those counted are forgotten. */
  readonly forgotten?: number | undefined;
}

/** Rejects of a stretch that are events now. */
export interface Amendment {
  readonly segment: number;
  /** With the lines and positions of the rejects. */
  readonly events: EventList;
}

/** How many events of a subject and type there are in a minute, or hour, and the totals of their values. */
export interface MinuteCount {
  readonly subject: string;
  readonly type: string;
  /** Start of the minute or hour, ms since the epoch. */
  readonly start: number;
  readonly count: number;
  readonly values?: ValueTotals | undefined;
}

/** What is asked for is not there any more. */
export function forgottenEvents(goneBefore: number, zone = 'UTC'): DaybookError {
  const instant = formatInstant(goneBefore, zone);
  return new DaybookError(
    'USAGE',
    `events before ${instant} are forgotten (daybook prune), and this needs them: ask --from ${instant}, or for counts ` +
      'of whole minutes',
  );
}

/** Which events are of interest. */
export interface Interest extends TimeRange {
  /** Only those that have this host on either side. */
  readonly host?: string | undefined;
}

/** Whose events to look for. */
export interface StoreQuery extends TimeRange {
  readonly stream: string;
  readonly subjects?: readonly string[] | undefined;
}

/** Whose hours to count. */
export interface HoursQuery {
  readonly stream: string;
  readonly subject: string;
  /** Of this type only, unless all count. */
  readonly type?: string | undefined;
  /** Start of the first hour, ms since the epoch. */
  readonly from: number;
}

/**
 * Where events are kept, counted once and explained.
 *
 * Every kind passes `storeSuite`. A commit is visible at once or not at all, and outlasts a loss of power;
 * others may read while one writes. Ids are never given twice: what was withdrawn is not taken for something else.
 *
 * @throws DaybookError `STORE_UNUSABLE`, from every function.
 */
export interface Store {
  readonly keep: Keep;
  streams(): Promise<Stream[]>;
  /** Makes a stream, unless there is one of this name that has inputs: one without is read as it is said now. */
  addStream(stream: Stream): Promise<void>;
  /** The inputs of a stream by rank: by their first time, then their digest. */
  inputs(stream: string): Promise<StoredInput[]>;
  /** One of them, by its id. */
  input(id: number): Promise<StoredInput>;
  /** Greatest time of a stream's events, ms since the epoch; undefined where it has none. */
  lastTime(stream: string): Promise<number | undefined>;
  /** @throws ConflictingCommit */
  commit(commit: Commit): Promise<Committed>;
  /** Takes note that an input is counted as a whole: ids that were kept for it and that it does not have are free. */
  finish(input: number): Promise<void>;
  /** Gives an input another name. */
  rename(input: number, name: string): Promise<void>;
  /**
   * Takes back all that was counted of an input, and forgets it: what is left is as if it had never been there, also of
   * ids that others have, too. A store of rollups cannot, nor is it possible where events from before an instant are
   * forgotten and the input has some (`USAGE`).
   */
  withdraw(input: number): Promise<void>;
  /**
   * The names of a stream's inputs that had events with ids of others which are not kept, since they are forgotten, or
   * came when none were kept: these do not count when the others are withdrawn.
   */
  withLostDuplicates(stream: string): Promise<string[]>;
  /** The stretches of an input, in order. */
  segments(input: number): Promise<StoredSegment[]>;
  /**
   * The events of a stretch in the order in which they stood, with names of the batch's dictionary, lines counted
   * from 1 at the start of the stretch. Where only some are of interest, others may be left out and counted as such.
   */
  events(segment: number, batch: EventBatch, interest?: Interest): AsyncIterable<EventBatch>;
  /** The events of a stream in a range, and others among them, in no stated order. */
  around(query: StoreQuery, batch: EventBatch): AsyncIterable<EventBatch>;
  /**
   * Minutes, or hours, with events that begin in a range: in portions, in no stated order. One may come several times: then
   * they are to be added up. None unless `hasMinutes`.
   */
  minutes(query: StoreQuery, unit?: 'minute' | 'hour'): AsyncIterable<readonly MinuteCount[]>;
  /** Adds to a number for each of some hours in a row how many events there are in it: the fast way for one subject. */
  addHours(query: HoursQuery, counts: Float64Array): Promise<void>;
  /** The rejects of a stretch that are kept, in order, and the records in conflict with others. */
  rejects(segment: number): AsyncIterable<SegmentReject>;
  /**
   * Turns rejects into events: each at once with what the stretch counts, and once only. What the stream's records
   * are read with from now on is kept with them, or alone.
   */
  amend(stream: Stream, amendment?: Amendment): Promise<Omit<Committed, 'input' | 'fates'>>;
  /**
   * Forgets the events of a stream before a whole minute: minutes, ids and books stay, as do last records without their ends.
   *
   * @param isTrial - Only say how many there are.
   * @returns How many.
   */
  prune(stream: string, before: number, isTrial?: boolean): Promise<number>;
  /**
   * Forgets a subject in all streams: events with their ids, counts, and texts of rejects that name it. Books say how
   * many events are forgotten; the name itself stays known.
   *
   * @returns How many.
   */
  erase(subject: string): Promise<number>;
  close(): Promise<void>;
}
