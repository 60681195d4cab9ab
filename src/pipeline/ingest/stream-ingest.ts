import { setImmediate as eventLoopTurn } from 'node:timers/promises';
import { DaybookError } from '../../core/errors.ts';
import type { LiveInput, LiveSource } from '../../core/live-source.ts';
import type { Log, LogFields, LogLevel } from '../../core/log.ts';
import { DecoderRooms } from '../read/decoder-rooms.ts';
import type { CountedInputs, CountedPart } from './counted-inputs.ts';
import type { FollowIngestRequest } from './follow-ingest.ts';
import { FollowedInput } from './followed-input.ts';
import { mustWait } from './held-rest.ts';
import { PART_BYTES } from './ingest-part.ts';
import type { Ingested } from './ingested.ts';
import {
  NO_PROGRESS,
  type ProgressMeter,
  type SourceProgress,
  type TimedInput,
} from './source-progress.ts';

/** What is decoded is committed when it is so much, of all inputs together. */
const MOST_EVENTS = 500_000;
const MOST_PARTS = 64;
/** An input is read so many times in a row before others have their turn. */
const READS_PER_TURN = 16;

/** What to count, and how. */
export interface StreamIngestSetting extends FollowIngestRequest {
  readonly source: LiveSource;
  readonly counted: CountedInputs;
  readonly meter: ProgressMeter;
  /** Does something again and again until it succeeds. */
  readonly retry: (work: () => Promise<void>) => Promise<void>;
  /** After how long what is decoded is committed, unless a commit takes longer, and who is silent is looked for. */
  readonly waitMs: number;
  readonly signal: AbortSignal;
  readonly onNote: (message: string) => void;
  readonly log: Log;
  readonly onCommit?: ((input: number) => void) | undefined;
  readonly onProgress?: ((progress: SourceProgress) => void) | undefined;
}

/** Counts the inputs of one stream as they grow. */
export class StreamIngest {
  readonly #setting: StreamIngestSetting;
  readonly #rooms = new DecoderRooms();
  readonly #inputs = new Set<FollowedInput>();
  /** Those of which something is decoded that is not committed. */
  readonly #pending = new Set<FollowedInput>();
  /** Bytes of last records that are not counted, by the id of their input. */
  readonly #held = new Map<number, number>();
  #commitAt = 0;
  #lookAt = 0;
  /** How far all was read when everybody had had their turn, and what of it was told. */
  #read = NO_PROGRESS;
  #told = NO_PROGRESS;

  constructor(setting: StreamIngestSetting) {
    this.#setting = setting;
  }

  /** What was counted of each input in this run. */
  get ingested(): Ingested[] {
    for (const followed of this.#inputs)
      if (!followed.isSettled || followed.isWaiting) this.#hold(followed);
    return this.#setting.counted.ingested(this.#held);
  }

  #hold({ id, heldBytes }: FollowedInput): void {
    if (id !== undefined) this.#held.set(id, heldBytes);
  }

  /**
   * Reads on until a signal says otherwise, or all inputs are over.
   *
   * @throws DaybookError - An input is not of the kind expected, or somebody else goes on with one.
   */
  async run(): Promise<void> {
    const { source, signal, waitMs } = this.#setting;
    while (!signal.aborted) {
      await eventLoopTurn(); // Lets signals through.
      for (const input of await source.arrivals()) await this.#welcome(input);
      let any = false;
      for (const input of this.#inputs) {
        if (!(await this.#readOn(input))) continue;
        any = true;
        await eventLoopTurn(); // Who posts events waits for that.
      }
      this.#read = this.#setting.meter.progress(this.#timed());
      if (this.#isDue) await this.#commit();
      else if (this.#pending.size === 0) this.#tell();
      await this.#settleSilent();
      if (any || signal.aborted) continue;
      if (source.finished && this.#inputs.size === 0) break;
      const leftMs = this.#pending.size > 0 ? this.#commitAt - performance.now() : waitMs;
      await source.changed(Math.max(0, leftMs), signal);
    }
    await this.#commit();
  }

  async #welcome(input: LiveInput): Promise<void> {
    const { stream, jobOf, counted, meter } = this.#setting;
    // It may go on where another one was read to just now.
    const { digest } = input.mark();
    if (input.from > 0 && !counted.has(digest)) await this.#commit();
    const followed = new FollowedInput(input, {
      ...{ rooms: this.#rooms, counted, fields: stream.fields, spec: jobOf(input) },
      watermark: meter.watermarkOf(counted.lastTimeAt(digest)),
    });
    await followed.look();
    this.#inputs.add(followed);
    this.#note('info', 'found', { input: input.name, from: input.from });
  }

  #note(level: LogLevel, event: string, fields: LogFields): void {
    const { log, stream } = this.#setting;
    log[level](event, { source: stream.name, ...fields });
  }

  /** @returns Whether there was anything to read. */
  async #readOn(followed: FollowedInput): Promise<boolean> {
    const { signal, onNote } = this.#setting;
    let any = false;
    try {
      for (let reads = 0; reads < READS_PER_TURN && !signal.aborted; reads++) {
        if (!(await followed.read())) break;
        any = true;
        followed.isUnreadable = false;
        if (followed.pending.bytes > 0) this.#pending.add(followed);
        if (this.#isFull) await this.#commit();
      }
    } catch (error) {
      if (!(error instanceof DaybookError) || error.code !== 'SOURCE_UNREADABLE') throw error;
      onNote(error.message);
      followed.isUnreadable = true;
    }
    followed.isBehind = any;
    if (!any && followed.input.end !== undefined) await this.#end(followed);
    return any;
  }

  get #isFull(): boolean {
    const pending = [...this.#pending].map((input) => input.pending);
    return (
      pending.length >= MOST_PARTS ||
      pending.reduce((sum, { bytes }) => sum + bytes, 0) >= PART_BYTES ||
      pending.reduce((sum, { events }) => sum + events, 0) >= MOST_EVENTS
    );
  }

  get #isDue(): boolean {
    return this.#pending.size > 0 && performance.now() >= this.#commitAt;
  }

  async #commit(): Promise<void> {
    for (const followed of this.#pending) {
      await this.#keep(followed, followed.take());
      this.#pending.delete(followed);
    }
    this.#commitAt = performance.now() + this.#setting.waitMs;
    this.#tell();
  }

  /** Tells how far all is counted that was read up to the end of a turn. */
  #tell(): void {
    if (this.#read === this.#told) return;
    this.#told = this.#read;
    this.#setting.onProgress?.(this.#read);
  }

  *#timed(): Generator<TimedInput> {
    const now = performance.now();
    const { idleMs } = this.#setting.live;
    for (const { watermark, isBehind, lastRead } of this.#inputs)
      yield { watermark, isActive: isBehind || now - lastRead < idleMs };
  }

  async #keep(followed: FollowedInput, part: CountedPart | undefined): Promise<void> {
    const { counted, retry, onCommit } = this.#setting;
    if (part === undefined) return;
    await retry(async () => {
      followed.id = await counted.commit(part);
    });
    await eventLoopTurn();
    onCommit?.(followed.id!);
    const { from, to, events, rejects } = part.part;
    this.#note('debug', 'committed', {
      ...{ input: part.name, from, to, events: events.length, rejects: rejects.length },
    });
  }

  /** Commits all of what is silent, and says so to its source: that may put it away. */
  async #settleSilent(): Promise<void> {
    const now = performance.now();
    if (now < this.#lookAt) return;
    this.#lookAt = now + this.#setting.waitMs;
    const { idleMs } = this.#setting.live;
    for (const followed of this.#inputs) {
      const isOver = followed.input.end !== undefined; // Its end settles it, once.
      // Who has more to read may only have waited for a commit.
      const hasMore = followed.isBehind || followed.isUnreadable;
      const isSilent = now - followed.lastRead >= idleMs;
      if (!followed.isSettled && !isOver && !hasMore && isSilent) await this.#settle(followed);
    }
  }

  async #settle(followed: FollowedInput): Promise<void> {
    followed.isSettled = true;
    await this.#keep(followed, followed.take());
    this.#pending.delete(followed);
    const rest = await followed.takeRest();
    if (rest) followed.isWaiting = mustWait(this.#setting.store, rest.part);
    else if (followed.heldBytes === 0) followed.isWaiting = false;
    if (followed.isWaiting) return;
    await this.#keep(followed, rest);
    await this.#setting.source.settled(followed.input);
    this.#note('info', 'settled', {
      input: followed.input.name,
      to: followed.input.mark().position,
    });
  }

  async #end(followed: FollowedInput): Promise<void> {
    const { input, heldBytes } = followed;
    this.#inputs.delete(followed);
    this.#setting.meter.leave(followed.watermark);
    if (input.end === 'whole') {
      await this.#settle(followed);
      if (followed.isWaiting) this.#hold(followed);
    } else {
      await this.#keep(followed, followed.take());
      this.#pending.delete(followed);
      if (heldBytes > 0)
        this.#setting.onNote(
          `${input.name}: ${heldBytes} bytes of a record were truncated before its end; it is not counted`,
        );
    }
    followed.leave();
  }
}
