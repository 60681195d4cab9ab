import { EventBatch } from '../../core/event-batch.ts';
import type { Row } from '../../core/table.ts';
import type { Watermark } from '../../core/watermark.ts';
import {
  type WindowCounter,
  type WindowedReport,
  windowColumns,
} from '../../core/windowed-report.ts';
import { type Window, Windows } from '../../core/windows.ts';
import { type WindowBooks, WindowDealer } from './window-dealer.ts';

/** How many columns are the window's own. */
const WINDOW_COLUMNS = windowColumns().length;
/** More empty windows than these in a row are reported as one gap. */
const MOST_EMPTY = 24;
/** The state of a window that is not final. */
const PROVISIONAL = 'provisional';

/** What is reported of a window, or of many empty ones at once. */
export interface WindowRows {
  readonly window: Window;
  readonly state: string;
  /** With the columns of the window in front. */
  readonly rows: readonly Row[];
}

/** How far a run is, as plain data. */
interface SavedRun extends WindowBooks {
  readonly origin: number | undefined;
  readonly next: number | undefined;
  readonly told: number;
  readonly open: readonly number[];
  readonly counter: unknown;
}

/** Of a run that has not begun. */
const FRESH: SavedRun = {
  origin: undefined,
  next: undefined,
  told: -Infinity,
  open: [],
  ...{ counted: 0, late: 0, filtered: 0 },
  counter: undefined,
};

/** Has events dealt out to windows, and reports each of them when its time has come. */
export class WindowRun {
  /** What became of the records so far. */
  readonly books: WindowBooks;
  readonly #report: WindowedReport;
  readonly #provisional: boolean;
  readonly #windows: Windows;
  readonly #counter: WindowCounter;
  /** Windows with events that are not final, in order of time. */
  readonly #open: Window[];
  /** Start of the first window that is not final; undefined before the first is. */
  #next: number | undefined;
  /** End of the last window that was reported as provisional. */
  #told: number;
  #due: WindowRows[] = [];
  readonly #late = new Uint8Array(EventBatch.CAPACITY);
  readonly #dealer: WindowDealer;

  /**
   * @param provisional - Whether windows are also reported when their end has passed.
   * @param saved - What `save` gave.
   */
  constructor(report: WindowedReport, provisional: boolean, saved?: unknown) {
    this.#report = report;
    this.#provisional = provisional;
    this.#windows = new Windows(report.windows);
    const { origin, next, told, open, counter, ...books } = (saved ?? FRESH) as SavedRun;
    if (origin !== undefined) this.#windows.origin = origin;
    this.#next = next;
    this.#told = told;
    this.#open = open.map((start) => this.#windows.at(start));
    this.#counter = report.counter(counter);
    const into = { windows: this.#windows, open: this.#open, counter: this.#counter };
    this.books = books;
    this.#dealer = new WindowDealer(report, into, books);
  }

  /** The windows with events that are not final, and will be reported; in order of time. */
  get open(): Window[] {
    return this.#open.filter((window) => this.#isAsked(window));
  }

  /** The windows that are not final, and what is counted of them so far; in order of time. */
  get unfinished(): WindowRows[] {
    return [...this.#asTheyAre(-Infinity, Infinity)].filter(({ window }) => this.#isAsked(window));
  }

  /** What is counted so far of a window that is not final. */
  soFar(window: Window): WindowRows {
    return this.#rowsOf(window, PROVISIONAL, this.#rowsSoFar(window));
  }

  /**
   * Counts a batch record by record, as far as reports go: they are the same in whatever pieces records come.
   *
   * @param watermark - Of the input that the records are of; it is moved.
   * @param others - How far the inputs are that hold this one back: the least of their highest times.
   */
  take(batch: EventBatch, watermark: Watermark, others: number): void {
    for (let from = 0; from < batch.length; ) {
      const dueAt = this.#dueAt(Math.min(watermark.confirmed, others));
      // Where others hold this input back, nothing falls due by its own records.
      const stopAt = others < dueAt || others === -Infinity ? Infinity : dueAt;
      if (this.#windows.origin === undefined) this.#windows.origin = batch.time[0]!;
      const to = watermark.observeBatch(batch.time, from, batch.length, this.#late, stopAt);
      const { closedUpTo } = this;
      this.#dealer.deal(batch, from, to, { tooLate: this.#late, closedUpTo });
      from = to;
      this.reach(Math.min(watermark.confirmed, others));
    }
  }

  /** Reports what is due when all inputs are so far in time, ms since the epoch. */
  reach(high: number): void {
    const low = high - this.#report.maxDisorderMs;
    this.#closeUpTo(low);
    if (high === -Infinity) return;
    if (this.#provisional) this.#tellEnded(this.#windows.at(high).start);
    this.#counter.advance(low);
  }

  /** Closes all windows: nothing more will come. */
  finish(): void {
    const { from, to } = this.#report.range;
    if (from === to || this.#windows.origin === undefined) return;
    const limited = Number.isFinite(from) && Number.isFinite(to);
    this.#next ??=
      this.#firstStart(this.#open[0]) ?? (limited ? this.#windows.at(from).start : undefined);
    const last = Number.isFinite(to) ? this.#windows.at(to - 1) : this.#open.at(-1);
    if (last !== undefined) this.#closeUpTo(last.end);
  }

  /** The highest time at which the first window that is not final will be; −∞ if there is none. */
  get dueAt(): number {
    const [window] = this.#open;
    return window ? window.end + this.#report.maxDisorderMs : -Infinity;
  }

  /** End of the last window that is final. */
  get closedUpTo(): number {
    return this.#next ?? -Infinity;
  }

  /** Whether all windows of the range are final. */
  get isOver(): boolean {
    return this.closedUpTo >= this.#report.range.to;
  }

  /** Takes what was reported since this was last asked for. */
  takeDue(): WindowRows[] {
    const due = this.#due;
    this.#due = [];
    return due;
  }

  save(): unknown {
    return {
      origin: this.#windows.origin,
      next: this.#next,
      told: this.#told,
      open: this.#open.map(({ start }) => start),
      ...this.books,
      counter: this.#counter.save(),
    } satisfies SavedRun;
  }

  /**
   * The highest time at which something may fall due next, after one: where it, or the watermark, passes the end
   * of a window. So it does not matter which windows were opened since.
   */
  #dueAt(high: number): number {
    if (high === -Infinity) return -Infinity;
    const { maxDisorderMs } = this.#report;
    const final = this.#windows.at(high - maxDisorderMs).end + maxDisorderMs;
    return this.#provisional ? Math.min(this.#windows.at(high).end, final) : final;
  }

  /** Reports the windows as provisional whose end has passed since this was last asked for. */
  #tellEnded(passed: number): void {
    if (passed <= this.#told) return;
    for (const report of this.#asTheyAre(this.#told, passed))
      if (report.state === PROVISIONAL) this.#tellRows(report); // A gap is reported when it is final.
    this.#told = passed;
  }

  /**
   * What is counted so far of the windows that are not final and end behind one instant, up to another. Of those
   * without events only those are told of in which something lasts.
   */
  *#asTheyAre(after: number, upTo: number): Generator<WindowRows> {
    let end = this.#next ?? Infinity;
    for (const window of this.#open) {
      const empty = { start: Math.max(end, after), end: Math.min(window.start, upTo) };
      if (empty.start < empty.end) yield* this.#lasting(empty, { start: end, end: window.start });
      if (window.end > upTo) return;
      if (window.end > after) yield this.soFar(window);
      end = window.end;
    }
  }

  /** What lasts through windows without events: through each of them, or through all if they will be a gap. */
  *#lasting(stretch: Window, all: Window): Generator<WindowRows> {
    const count = this.#windows.between(all.start, all.end);
    const isGap = count > MOST_EMPTY;
    for (let at = stretch.start; at < stretch.end; ) {
      const window = isGap ? all : this.#windows.at(at);
      const rows = this.#rowsSoFar(window);
      if (rows.length > 0) yield this.#rowsOf(window, isGap ? gapOf(count) : PROVISIONAL, rows);
      at = window.end;
    }
  }

  /** Up to where the watermark must come so that there is something to report, from a window on. */
  #finalAt(next: number): number {
    const filled = this.#open[0]?.start ?? next;
    // Many empty windows wait for the first that is not, so that they are one gap.
    return this.#windows.between(next, filled) > MOST_EMPTY ? filled : this.#windows.at(next).end;
  }

  /** Reports all windows as final that end at an instant or before. */
  #closeUpTo(low: number): void {
    const { range } = this.#report;
    for (;;) {
      const window = this.#open[0];
      const next = this.#next ?? this.#firstStart(window);
      // Nothing was in a range without a beginning: when it is over, so is all.
      if (next === undefined && low >= range.to) this.#next = this.#windows.at(range.to - 1).end;
      if (next === undefined || this.isOver) return;
      if (this.#finalAt(next) > low) return;
      const first = this.#windows.at(next);
      this.#next ??= next;
      if (window?.start === first.start) {
        this.#open.shift();
        this.#tell(first, 'final', this.#counter.close(first));
        this.#next = first.end;
      } else {
        const edge = next < range.from ? range.from : range.to;
        this.#closeEmpty(Math.min(window?.start ?? Infinity, edge, low));
      }
    }
  }

  /** Start of the first window: that of the range, or that of the first record. */
  #firstStart(window: Window | undefined): number | undefined {
    const { from } = this.#report.range;
    if (this.#windows.origin === undefined || !Number.isFinite(from)) return window?.start;
    return Math.min(window?.start ?? Infinity, this.#windows.at(from).start);
  }

  /** Reports windows in which there is nothing, up to the one that holds an instant, and that if it is the next. */
  #closeEmpty(until: number): void {
    const start = this.#next!;
    const last = this.#windows.at(until);
    const end = last.start > start ? last.start : last.end;
    const count = this.#windows.between(start, end);
    if (count > MOST_EMPTY) {
      const gap = { start, end };
      this.#tell(gap, gapOf(count), this.#counter.close(gap, count));
      this.#next = end;
      return;
    }
    for (let i = 0; i < count; i++) {
      const empty = this.#windows.at(this.#next!);
      this.#tell(empty, 'final', this.#counter.close(empty));
      this.#next = empty.end;
    }
  }

  #rowsSoFar(window: Window): Row[] {
    const before = this.#open.filter(({ start }) => start < window.start);
    return this.#counter.rows(window, before);
  }

  #tell(window: Window, state: string, rows: readonly Row[]): void {
    this.#tellRows(this.#rowsOf(window, state, rows));
  }

  #tellRows(report: WindowRows): void {
    if (this.#isAsked(report.window)) this.#due.push(report);
  }

  /** Whether any of the range is in a window. */
  #isAsked({ start, end }: Window): boolean {
    const { from, to } = this.#report.range;
    return end > from && start < to && from !== to;
  }

  #rowsOf(window: Window, state: string, rows: readonly Row[]): WindowRows {
    const shown =
      rows.length > 0 ? rows : [this.#report.head.columns.slice(WINDOW_COLUMNS).map(() => null)];
    return { window, state, rows: shown.map((row) => [window.start, window.end, state, ...row]) };
  }
}

function gapOf(count: number): string {
  return `gap of ${count}`;
}
