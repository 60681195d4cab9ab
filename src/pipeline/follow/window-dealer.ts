import { EventBatch } from '../../core/event-batch.ts';
import type { WindowCounter, WindowedReport } from '../../core/windowed-report.ts';
import type { Window, Windows } from '../../core/windows.ts';

/** What became of the records. */
export interface WindowBooks {
  counted: number;
  late: number;
  /** Records outside the range, or of somebody who was not asked for. */
  filtered: number;
}

/** What events are dealt out to. */
interface Dealt {
  readonly windows: Windows;
  /** The windows with events that are not final, in order of time: those that get their first event are added. */
  readonly open: Window[];
  readonly counter: WindowCounter;
}

/** Deals the events of batches out to their windows, those of a window at once, and keeps the books. */
export class WindowDealer {
  readonly #books: WindowBooks;
  readonly #report: WindowedReport;
  readonly #to: Dealt;
  /** Which events of a batch are left. */
  readonly #rest = new Uint32Array(EventBatch.CAPACITY);
  readonly #portion = new EventBatch();

  /** @param books - Of what was dealt out before; they are kept on. */
  constructor(report: WindowedReport, to: Dealt, books: WindowBooks) {
    this.#report = report;
    this.#to = to;
    this.#books = books;
  }

  /**
   * Deals out the events of a batch from one up to another.
   *
   * @param tooLate - 1 for each event that came behind the watermark.
   * @param closedUpTo - Windows in front of it are final.
   */
  deal(
    batch: EventBatch,
    from: number,
    to: number,
    { tooLate, closedUpTo }: { tooLate: Uint8Array; closedUpTo: number },
  ): void {
    const books = this.#books;
    const { range, needsAll } = this.#report;
    const { time } = batch;
    let left = 0;
    for (let i = from; i < to; i++) {
      const at = time[i]!;
      const isInside = at >= range.from && at < range.to;
      const isLate = tooLate[i] === 1 || at < closedUpTo;
      if (!isInside) books.filtered++;
      else if (isLate) books.late++;
      else books.counted++;
      if (!isLate && (isInside || needsAll)) this.#rest[left++] = i;
    }
    while (left > 0) left = this.#dealWindow(batch, left);
  }

  /** Deals out all events that are in the window of the first one left. Returns how many are left then. */
  #dealWindow(batch: EventBatch, left: number): number {
    const { time } = batch;
    const rest = this.#rest;
    const window = this.#to.windows.at(time[rest[0]!]!);
    const { start, end } = window;
    const portion = this.#portion;
    portion.names = batch.names;
    portion.clear();
    let others = 0;
    for (let r = 0; r < left; r++) {
      const i = rest[r]!;
      if (time[i]! >= start && time[i]! < end) copyEvent(batch, i, portion);
      else rest[others++] = i;
    }
    this.#open(window);
    const unasked = portion.length - this.#to.counter.add(window, portion);
    this.#books.counted -= unasked;
    this.#books.filtered += unasked;
    return others;
  }

  /** Has a window among those that are open. */
  #open(window: Window): void {
    const { open } = this.#to;
    let [least, most] = [0, open.length];
    while (least < most) {
      const middle = (least + most) >>> 1;
      if (open[middle]!.start < window.start) least = middle + 1;
      else most = middle;
    }
    if (open[least]?.start !== window.start) open.splice(least, 0, window);
  }
}

function copyEvent(from: EventBatch, i: number, to: EventBatch): void {
  const at = to.length++;
  to.time[at] = from.time[i]!;
  to.subject[at] = from.subject[i]!;
  to.object[at] = from.object[i]!;
  to.kind[at] = from.kind[i]!;
  to.input[at] = from.input[i]!;
  to.type[at] = from.type[i]!;
  to.value[at] = from.value[i]!;
  to.scale[at] = from.scale[i]!;
  if (from.id.length === 0) return;
  const id = from.id.bytesOf(i);
  to.id.append(id, 0, id.length);
}
