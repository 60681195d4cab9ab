import { type Decoder, READABLE_BEYOND } from '../core/decoder.ts';
import { EventBatch } from '../core/event-batch.ts';
import type { LiveInput } from '../core/live-source.ts';
import type { Reject, RejectRecord } from '../core/rejects.ts';
import type { SavedWatermark, Watermark } from '../core/watermark.ts';
import { keptReject } from './decode-segment.ts';
import { RecordBuffer } from './record-buffer.ts';

/** The reason of a line whose rest was truncated before it could be read. */
const TRUNCATED = 'truncated';
const NEWLINE = 0x0a;
/** How much of an input is looked at to see when its first record is. */
const HEAD_BYTES = 4 << 10;

/** What was found besides events, of all inputs. */
export interface LiveTally {
  read: number;
  /** By reason. */
  readonly rejected: Map<string, number>;
  /** Rejects since they were last taken away, if they are to be kept. */
  readonly rejects: Reject[];
  readonly keepRejects: boolean;
}

/** What readers of one run share: only one of them reads at a time. */
export interface ReaderRoom {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly batch: EventBatch;
  readonly tally: LiveTally;
  /** Whose unfinished line stands in `bytes`. */
  owner: LiveReader | undefined;
}

/** Where a reader stands, besides what its input tells. Plain data. */
export interface SavedReader {
  readonly rank: number;
  readonly log: string;
  readonly watermark: SavedWatermark;
}

/** Reads one input as it grows: bytes to whole lines to events. */
export class LiveReader {
  readonly input: LiveInput;
  /** The log that the input was a piece of when it was first read, whatever it is called now. */
  readonly log: string;
  readonly watermark: Watermark;
  /** Least time of the first records, as far as could be seen, and whether others are near. */
  first = { time: Number.NEGATIVE_INFINITY, confirmed: false };
  /** When something was read last, or the input was found; ms from any instant on. */
  lastRead: number;
  /** Whether there was something to read when it was last tried, or it was not tried yet. */
  behind = true;
  /** Whether the source knows that nothing more is done with what was read. */
  settled = false;
  readonly #decoder: Decoder;
  readonly #room: ReaderRoom;
  readonly #buffer: RecordBuffer;
  #held: Uint8Array = new Uint8Array(0);

  constructor(
    input: LiveInput,
    decoder: Decoder,
    room: ReaderRoom,
    { log = input.log, watermark, now }: { log?: string; watermark: Watermark; now: number },
  ) {
    this.input = input;
    this.log = log;
    this.watermark = watermark;
    this.lastRead = now;
    this.#decoder = decoder;
    this.#room = room;
    const { from, lines, withinLine } = input;
    this.#buffer = new RecordBuffer(room.bytes, { offset: from, lines, blank: 0, withinLine });
  }

  /**
   * Looks from when the first records are, without reading them.
   *
   * @param watermark - One that has seen nothing.
   */
  async look(watermark: Watermark): Promise<void> {
    const { batch } = this.#room;
    const head = await this.input.head(HEAD_BYTES);
    const bytes = new Uint8Array(HEAD_BYTES + READABLE_BEYOND);
    bytes.set(head);
    const chunk = { bytes, offset: 0, line: 1, blank: 0 };
    const end = head.lastIndexOf(NEWLINE) + 1;
    let at = this.input.withinLine ? head.indexOf(NEWLINE) + 1 : 0;
    while (at < end) at = this.#decoder.decode(chunk, at, end, batch, () => {});
    // The least: one that is torn and far ahead must not put off those behind it.
    const times = batch.time.subarray(0, batch.length);
    for (const time of times) watermark.observe(time);
    if (batch.length > 0) {
      const time = times.reduce((a, b) => Math.min(a, b));
      this.first = { time, confirmed: watermark.low > Number.NEGATIVE_INFINITY };
    }
    batch.length = 0;
  }

  /**
   * Reads what is there, up to a buffer full.
   *
   * @param take - Gets the events, batch by batch.
   * @returns Whether there was anything.
   */
  async read(take: (batch: EventBatch) => void): Promise<boolean> {
    const { tally, batch, bytes } = this.#room;
    const { chunk } = this.#buffer;
    this.#takeRoom();
    const count = await this.input.read(this.#buffer.space);
    const { end } = this.input;
    const ended = count === 0 && end === 'whole';
    if (count === 0 && !ended) {
      if (end === 'cut') this.#loseHeld();
      return false;
    }
    const lines = chunk.line;
    const blank = chunk.blank;
    const before = this.#buffer.filled + count;
    let { from: at, to } = this.#buffer.accept(count, ended);
    batch.input.fill(this.input.rank);
    while (at < to) {
      at = this.#decoder.decode(chunk, at, to, batch, this.#reject);
      if (batch.length < EventBatch.CAPACITY && at < to) continue;
      take(batch);
      batch.length = 0;
    }
    // The line end that is put behind a last line is none of the input's bytes.
    this.input.consumed(bytes.subarray(0, Math.min(at, before)), chunk.line - lines);
    const { offset, line } = chunk;
    this.#buffer.release(at, ended, this.#reject);
    const dropped = chunk.offset - offset - at; // of a line that is too long
    if (dropped > 0) this.input.consumed(bytes.subarray(0, dropped), chunk.line - line);
    tally.read += chunk.line - lines - (chunk.blank - blank);
    return count > 0;
  }

  save(): SavedReader {
    const { input, log, watermark } = this;
    return { rank: input.rank, log, watermark: watermark.save() };
  }

  readonly #reject: RejectRecord = (reason, bytes, from, to) => {
    const { tally } = this.#room;
    tally.rejected.set(reason, (tally.rejected.get(reason) ?? 0) + 1);
    if (!tally.keepRejects) return;
    const kept = keptReject(this.#buffer.chunk, reason, bytes, from, to);
    tally.rejects.push({ input: this.input.name, ...kept });
  };

  /** Brings this input's unfinished line into the room, and puts aside that of whom it was. */
  #takeRoom(): void {
    const { owner, bytes } = this.#room;
    if (owner === this) return;
    if (owner !== undefined) owner.#held = bytes.slice(0, owner.#buffer.filled);
    bytes.set(this.#held);
    this.#room.owner = this;
  }

  /** Counts the beginning of a line whose rest was truncated as a reject. */
  #loseHeld(): void {
    const { filled, chunk } = this.#buffer;
    if (filled === 0) return;
    this.#reject(TRUNCATED, chunk.bytes, 0, filled);
    this.#room.tally.read++;
    this.#buffer.filled = 0;
  }
}
