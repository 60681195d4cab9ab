import { writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { DaybookError } from '../../core/errors.ts';
import type { EventBatch } from '../../core/event-batch.ts';
import { openSpillFile } from '../read/spill-file.ts';
import { EventColumns, packedBytes, type RunLayout } from './event-columns.ts';

/** Events in one run: what a lane sorts in memory at a time. */
const RUN_EVENTS = 1 << 19;
/** Events there is room for at first; it grows, fourfold each time. */
const FIRST_EVENTS = 1 << 13;
/** Events that are read from a run at a time. */
export const BLOCK_EVENTS = 1 << 10;
/** Runs of up to this many events in all stay in memory: small logs never touch the disk. */
const HELD_EVENTS = 1 << 17;

/** Events of one stretch of a segment, sorted by time, equal times in the order of the log. */
export interface Run {
  readonly count: number;
  readonly least: number;
  /** The events, packed, where they were few. */
  readonly held?: Uint8Array<ArrayBuffer>;
  /** Else the file that holds them in blocks, from this byte on. */
  readonly descriptor?: number;
  readonly at?: number;
}

/** Sorts events in runs, and spills these to a file that vanishes with the process. */
export class RunWriter {
  readonly #layout: RunLayout;
  #columns: EventColumns;
  #descriptor: number | undefined;
  #written = 0;
  #heldEvents = 0;
  #runs: Run[] = [];

  /**
   * @param layout - Which columns of events to keep.
   * @param descriptor - An open spill file; without one, it is opened when needed.
   */
  constructor(layout: RunLayout, descriptor?: number) {
    this.#layout = layout;
    this.#descriptor = descriptor;
    this.#columns = new EventColumns(FIRST_EVENTS, layout);
  }

  add(batch: EventBatch): void {
    for (let from = 0; from < batch.length; ) {
      from += this.#columns.append(batch, from);
      const { length, capacity } = this.#columns;
      if (length === RUN_EVENTS) this.#endRun();
      else if (length === capacity) this.#columns = this.#columns.enlarged(4);
    }
  }

  /** Ends a segment and hands over its runs, in the order of the log. */
  take(): Run[] {
    if (this.#columns.length > 0) this.#endRun();
    return this.#runs.splice(0);
  }

  #endRun(): void {
    const columns = this.#columns;
    const order = columns.timeOrder();
    const count = columns.length;
    const least = columns.time[order[0]!]!;
    if (this.#heldEvents + count <= HELD_EVENTS) {
      this.#heldEvents += count;
      this.#runs.push({ count, least, held: columns.picked(order, 0, count).pack() });
    } else {
      this.#runs.push({ count, least, ...this.#spill(order) });
    }
    columns.length = 0;
  }

  #spill(order: Uint32Array): { descriptor: number; at: number } {
    const at = this.#written;
    try {
      this.#descriptor ??= openSpillFile();
      for (let from = 0; from < order.length; from += BLOCK_EVENTS) {
        const to = Math.min(from + BLOCK_EVENTS, order.length);
        const bytes = this.#columns.picked(order, from, to).pack();
        writeWhole(this.#descriptor, bytes, this.#written);
        this.#written += packedBytes(to - from, this.#layout);
      }
      return { descriptor: this.#descriptor, at };
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new DaybookError(
        'SPILL_FAILED',
        `cannot put events aside for sorting in ${tmpdir()} (${reason}); make room or set TMPDIR to another folder`,
        { cause },
      );
    }
  }
}

function writeWhole(descriptor: number, bytes: Uint8Array, at: number): void {
  for (let done = 0; done < bytes.length; ) {
    done += writeSync(descriptor, bytes, done, bytes.length - done, at + done);
  }
}
