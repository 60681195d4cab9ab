import { setImmediate as eventLoopTurn } from 'node:timers/promises';
import { type Books, byReason, checkBalance } from '../../core/books.ts';
import { Dictionary } from '../../core/dictionary.ts';
import { DaybookError } from '../../core/errors.ts';
import { EventBatch } from '../../core/event-batch.ts';
import type { Job } from '../../core/job.ts';
import type { LiveInput, LiveSource } from '../../core/live-source.ts';
import type { Reject } from '../../core/rejects.ts';
import { type SavedWatermark, Watermark } from '../../core/watermark.ts';
import type { WindowedReport } from '../../core/windowed-report.ts';
import type { Window } from '../../core/windows.ts';
import { BUFFER_BYTES } from '../read/record-buffer.ts';
import { FollowedLogs, type SavedLogs } from './followed-logs.ts';
import { LiveReader, type LiveTally, type ReaderRoom, type SavedReader } from './live-reader.ts';
import { ReaderQueue } from './reader-queue.ts';
import { type WindowRows, WindowRun } from './window-run.ts';

/** Names that are kept from one window to the next at most; then they are learned anew. */
const MOST_NAMES = 1 << 16;
/** How long to wait at most before looking who is idle, ms. */
const LOOK_MS = 250;

/** How to follow inputs. */
export interface FollowOptions {
  /** An input that is silent for so long does not hold back the others, ms. */
  readonly idleMs: number;
  /** Whether windows are reported when their end has passed, besides when they are final. */
  readonly provisional: boolean;
  /** Whether to read on where the range is over, so that the books do not tell in what pieces bytes came. */
  readonly readsAll?: boolean;
  /** Whether rejects are wanted, not their number only. */
  readonly keepRejects: boolean;
  /** Tells a person what went wrong with one input while the others go on. */
  readonly onNote: (message: string) => void;
  readonly signal: AbortSignal;
  /** ms from any instant on, for telling who is idle. */
  readonly now?: () => number;
}

/** What one step brought. Between steps everything that was read is counted, and can be saved. */
export interface FollowStep {
  readonly reports: readonly WindowRows[];
  readonly rejects: readonly Reject[];
}

/** Where a follower stands, as plain data. */
interface SavedFollower {
  readonly run: unknown;
  readonly readers: readonly SavedReader[];
  readonly gone: SavedWatermark;
  readonly logs: SavedLogs;
  readonly read: number;
  readonly rejected: readonly (readonly [string, number])[];
}

/** Follows inputs that may grow, and reports window by window. */
export class Follower {
  readonly #report: WindowedReport;
  readonly #job: Job;
  readonly #source: LiveSource;
  readonly #options: FollowOptions;
  readonly #run: WindowRun;
  readonly #tally: LiveTally;
  readonly #room: ReaderRoom;
  readonly #now: () => number;
  readonly #logs: FollowedLogs;
  readonly #queue: ReaderQueue;
  /** Of readers that are yet to come, by rank. */
  #saved: Map<number, SavedReader>;
  /** Inputs that have ended, and how far they were, until their windows are reported. */
  #ended: { readonly input: LiveInput; readonly high: number }[] = [];
  /** Counts up whenever something was read or reported: what is saved is then of an earlier time. */
  #revision = 0;
  /** Is waited for before the source is told that it need not keep an input. */
  beforeSettling: (() => Promise<void>) | undefined;

  constructor(
    report: WindowedReport,
    job: Job,
    source: LiveSource,
    options: FollowOptions,
    saved?: unknown,
  ) {
    const { run, readers, gone, logs, read, rejected } = (saved ?? {}) as Partial<SavedFollower>;
    this.#report = report;
    this.#job = job;
    this.#source = source;
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
    this.#run = new WindowRun(report, options.provisional, run);
    this.#saved = new Map(readers?.map((reader) => [reader.rank, reader]));
    this.#logs = new FollowedLogs(job.decoder, logs);
    const { idleMs, keepRejects } = options;
    this.#queue = new ReaderQueue({
      ...{ logs: this.#logs, gone: this.#watermarkOf(gone) },
      ...{ maxJumpMs: report.maxJumpMs, idleMs, now: this.#now },
    });
    this.#tally = { read: read ?? 0, rejected: new Map(rejected), rejects: [], keepRejects };
    const bytes = job.decoder.room?.(BUFFER_BYTES) ?? new Uint8Array(BUFFER_BYTES);
    this.#room = { bytes, batch: new EventBatch(), tally: this.#tally, owner: undefined };
    this.#room.batch.places = false;
  }

  /** The books of everything counted so far. */
  get books(): Books {
    const { counted, late, filtered } = this.#run.books;
    const { read } = this.#tally;
    const rejected = byReason(this.#tally.rejected);
    const books = { read, counted, rejected, duplicate: 0, conflict: 0, late, filtered };
    checkBalance(books);
    return books;
  }

  /** How many records came too late so far. */
  get late(): number {
    return this.#run.books.late;
  }

  /** Differs from what it was if something was read or reported since. */
  get revision(): number {
    return this.#revision;
  }

  /** The windows that are not final, and what is counted of them so far. */
  get unfinished(): WindowRows[] {
    return this.#run.unfinished;
  }

  /** The windows with events that are not final, in order of time. */
  get open(): Window[] {
    return this.#run.open;
  }

  /** What is counted so far of a window that is not final. */
  soFar(window: Window): WindowRows {
    return this.#run.soFar(window);
  }

  /** Highest time of records at which the next window will be final. */
  get dueAt(): number {
    return this.#run.dueAt;
  }

  /** Highest time up to which all active inputs were read, ms since the epoch. */
  get reached(): number {
    return this.#queue.reached;
  }

  /**
   * Reads on until the source is finished, the range is over, or a signal stops it.
   *
   * Who is furthest behind in time is read first, so that windows need not stay open for them.
   *
   * @throws DaybookError `SOURCE_UNREADABLE` where no input is left that could be read.
   */
  async *steps(): AsyncGenerator<FollowStep> {
    const { signal, readsAll = false } = this.#options;
    let looked = Number.NEGATIVE_INFINITY;
    while (!signal.aborted && (readsAll || !this.#run.isOver)) {
      if (this.#now() - looked >= LOOK_MS) {
        await eventLoopTurn(); // Lets signals through: what is there at once is read without waiting.
        await this.#welcome();
        looked = this.#now();
        await this.#dismiss();
      }
      const reader = this.#queue.next();
      if (reader === undefined) {
        if (this.#source.finished && this.#queue.readers.length === 0) break;
        this.#run.reach(this.reached);
        yield this.#step();
        await this.#source.changed(LOOK_MS, signal);
        this.#queue.tryAll();
        looked = Number.NEGATIVE_INFINITY;
        continue;
      }
      await this.#read(reader);
      yield this.#step();
    }
    if (this.#source.finished && !signal.aborted) this.#run.finish();
    yield this.#step();
  }

  save(): unknown {
    const { read, rejected } = this.#tally;
    return {
      run: this.#run.save(),
      readers: [...this.#saved.values(), ...this.#queue.readers.map((reader) => reader.save())],
      gone: this.#queue.saveGone(),
      logs: this.#logs.save(),
      read,
      rejected: [...rejected],
    } satisfies SavedFollower;
  }

  #step(): FollowStep {
    const reports = this.#run.takeDue();
    if (reports.length > 0) this.#revision++;
    return { reports, rejects: this.#tally.rejects.splice(0) };
  }

  async #read(reader: LiveReader): Promise<void> {
    const { batch } = this.#room;
    if (batch.names.size > MOST_NAMES) batch.names = new Dictionary();
    this.#logs.turnTo(reader);
    try {
      const any = await reader.read((events) =>
        this.#run.take(events, reader.watermark, this.#queue.heldBackTo(reader)),
      );
      reader.behind = any;
      if (any) {
        reader.lastRead = this.#now();
        reader.settled = false;
        reader.unreadable = false;
        this.#revision++;
      }
    } catch (error) {
      if (!(error instanceof DaybookError)) throw error;
      if (this.#source.finished) throw error;
      this.#options.onNote(error.message);
      reader.behind = false;
      reader.unreadable = true;
    }
    if (reader.input.end !== undefined && !reader.behind) this.#remove(reader);
  }

  #watermarkOf(saved: SavedWatermark | undefined): Watermark {
    const { maxDisorderMs, maxJumpMs } = this.#report;
    return saved
      ? Watermark.load(saved, maxDisorderMs, maxJumpMs)
      : new Watermark(maxDisorderMs, maxJumpMs);
  }

  async #welcome(): Promise<void> {
    const arrived = (await this.#source.arrivals()).map((input) => this.#readerOf(input));
    this.#logs.open(arrived);
    for (const reader of arrived) {
      if (!this.#job.sequential) await reader.look(this.#watermarkOf(undefined));
      this.#queue.add(reader);
    }
  }

  #readerOf(input: LiveInput): LiveReader {
    const saved = this.#saved.get(input.rank);
    this.#saved.delete(input.rank);
    const watermark = this.#watermarkOf(saved?.watermark);
    const { log = input.log, head } = saved ?? {};
    const state = { log, watermark, now: this.#now(), head };
    return new LiveReader(input, this.#job.decoder, this.#room, state);
  }

  /** Lets go of inputs whose windows are all reported. */
  async #dismiss(): Promise<void> {
    for (const reader of this.#queue.readers) {
      const { settled, unreadable, watermark, input } = reader;
      if (settled || unreadable || this.#queue.isActive(reader)) continue;
      if (watermark.high >= this.#run.closedUpTo) continue;
      reader.settled = true;
      await this.#settle(input);
      this.#queue.tryNext(reader); // It may have ended.
    }
    const through = this.#ended.filter(({ high }) => high < this.#run.closedUpTo);
    this.#ended = this.#ended.filter(({ high }) => high >= this.#run.closedUpTo);
    for (const { input } of through) await this.#settle(input);
  }

  async #settle(input: LiveInput): Promise<void> {
    await this.beforeSettling?.();
    await this.#source.settled(input);
  }

  #remove(reader: LiveReader): void {
    const { input, watermark } = reader;
    this.#queue.remove(reader);
    if (!this.#source.finished) this.#ended.push({ input, high: watermark.high });
  }
}
