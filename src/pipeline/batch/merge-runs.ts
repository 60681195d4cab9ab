import { readSync } from 'node:fs';
import type { Dictionary } from '../../core/dictionary.ts';
import { EventBatch } from '../../core/event-batch.ts';
import { EventColumns, type NameNumbers, packedBytes, type RunLayout } from './event-columns.ts';
import { BLOCK_EVENTS, type Run } from './run-writer.ts';

/** The runs of one segment and the names that they number. */
export interface SegmentRuns {
  /** Rank of the input. */
  readonly rank: number;
  /** Lines of the input in front of the segment: its own are counted from its start. */
  readonly linesBefore: number;
  readonly names: Dictionary;
  readonly runs: readonly Run[];
}

/**
 * Merges runs into one sequence of events in order of time; equal times come in the order of the log.
 *
 * A block of each run whose time has come is in memory, and the distinct names.
 *
 * @param segments - In the order of the log.
 * @param layout - Of the runs. Where they keep no places, events are told to be of the first segment's input.
 */
export function* mergeRuns(
  segments: readonly SegmentRuns[],
  layout: RunLayout,
): Generator<EventBatch> {
  const batch = new EventBatch();
  batch.input.fill(segments[0]?.rank ?? 0);
  const heap = new CursorHeap(cursorsOf(segments, batch.names, layout));
  for (let cursor = heap.top(); cursor !== undefined; cursor = heap.top()) {
    const next = heap.second();
    while (cursor.left > 0 && (next === undefined || cursor.before(next))) {
      cursor.copyTo(batch);
      if (batch.length === EventBatch.CAPACITY) {
        yield batch;
        batch.clear();
      }
    }
    heap.sink();
  }
  if (batch.length > 0) yield batch;
}

function* cursorsOf(
  segments: readonly SegmentRuns[],
  names: Dictionary,
  layout: RunLayout,
): Generator<RunCursor> {
  let order = 0;
  for (const segment of segments) {
    const numbers = new NameMap(segment.names, names);
    const { linesBefore, runs } = segment;
    for (const run of runs) yield new RunCursor(run, order++, numbers, { layout, linesBefore });
  }
}

/** The numbers that one segment's names have in the merged dictionary, given as they first appear. */
class NameMap implements NameNumbers {
  readonly #from: Dictionary;
  readonly #to: Dictionary;
  readonly #ids: Int32Array;

  constructor(from: Dictionary, to: Dictionary) {
    this.#from = from;
    this.#to = to;
    this.#ids = new Int32Array(from.size).fill(-1);
  }

  idOf(own: number): number {
    const known = this.#ids[own]!;
    if (known >= 0) return known;
    const name = this.#from.bytesOf(own);
    const id = this.#to.add(name, 0, name.length);
    this.#ids[own] = id;
    return id;
  }
}

/** A place in a run. Its first block is read when its first event is due. */
class RunCursor {
  /** Time of the event that is next. */
  time: number;
  /** Events not yet copied. */
  left: number;
  readonly #run: Run;
  readonly #order: number;
  readonly #names: NameMap;
  readonly #layout: RunLayout;
  readonly #linesBefore: number;
  #block: EventColumns | undefined;
  #inBlock = 0;
  #fileAt: number;

  constructor(
    run: Run,
    order: number,
    names: NameMap,
    { layout, linesBefore }: { layout: RunLayout; linesBefore: number },
  ) {
    this.time = run.least;
    this.left = run.count;
    this.#run = run;
    this.#order = order;
    this.#names = names;
    this.#layout = layout;
    this.#linesBefore = linesBefore;
    this.#fileAt = run.at ?? 0;
  }

  before(other: RunCursor): boolean {
    return this.time < other.time || (this.time === other.time && this.#order < other.#order);
  }

  /** Copies the next event to a batch and moves on. */
  copyTo(batch: EventBatch): void {
    this.#block ??= this.#nextBlock();
    const block = this.#block;
    block.copyTo(batch, this.#inBlock, this.#names);
    batch.line[batch.length - 1]! += this.#linesBefore;
    this.left--;
    this.#inBlock++;
    if (this.#inBlock === block.length) {
      this.#block = this.left > 0 ? this.#nextBlock() : undefined;
      this.#inBlock = 0;
    }
    if (this.#block !== undefined) this.time = this.#block.time[this.#inBlock]!;
  }

  #nextBlock(): EventColumns {
    const { held, descriptor } = this.#run;
    if (held !== undefined) return EventColumns.unpack(held, this.#layout);
    const bytes = new Uint8Array(packedBytes(Math.min(this.left, BLOCK_EVENTS), this.#layout));
    for (let done = 0; done < bytes.length; ) {
      const count = readSync(descriptor!, bytes, done, bytes.length - done, this.#fileAt + done);
      if (count === 0) throw new Error('a run of sorted events ends too early');
      done += count;
    }
    this.#fileAt += bytes.length;
    return EventColumns.unpack(bytes, this.#layout);
  }
}

/** A binary heap of cursors, the one whose event is next on top. */
class CursorHeap {
  readonly #cursors: RunCursor[];

  constructor(cursors: Iterable<RunCursor>) {
    this.#cursors = [...cursors].sort((a, b) => (a.before(b) ? -1 : 1));
  }

  top(): RunCursor | undefined {
    return this.#cursors[0];
  }

  second(): RunCursor | undefined {
    const [, left, right] = this.#cursors;
    return left === undefined || right?.before(left) ? right : left;
  }

  /** Moves the top, which has advanced, down to its place, or out when it has no events left. */
  sink(): void {
    const cursors = this.#cursors;
    const last = cursors[0]!.left === 0 ? cursors.pop() : undefined;
    if (last !== undefined && cursors.length > 0) cursors[0] = last;
    for (let at = 0; ; ) {
      let child = 2 * at + 1;
      if (child >= cursors.length) return;
      if (child + 1 < cursors.length && cursors[child + 1]!.before(cursors[child]!)) child++;
      if (!cursors[child]!.before(cursors[at]!)) return;
      [cursors[at], cursors[child]] = [cursors[child]!, cursors[at]!];
      at = child;
    }
  }
}
