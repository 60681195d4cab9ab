import { type Decoder, READABLE_BEYOND } from '../../core/decoder.ts';
import { DaybookError } from '../../core/errors.ts';
import { EventBatch } from '../../core/event-batch.ts';
import type { LiveInput } from '../../core/live-source.ts';
import type { Reject, RejectRecord } from '../../core/rejects.ts';
import type { SavedWatermark, Watermark } from '../../core/watermark.ts';
import { keptReject } from '../read/decode-segment.ts';
import { ofInput } from '../read/of-input.ts';
import { BUFFER_BYTES, RecordBuffer } from '../read/record-buffer.ts';

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
  /** What the input's first row says of all others, where the decoder wants to know. */
  readonly head?: unknown;
}

/** What a reader begins with. */
interface ReaderState extends Partial<Pick<SavedReader, 'log' | 'head'>> {
  readonly watermark: Watermark;
  /** ms from any instant on. */
  readonly now: number;
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
  /** Whether it failed to be read, and nothing was read since. */
  unreadable = false;
  readonly #decoder: Decoder;
  readonly #room: ReaderRoom;
  readonly #buffer: RecordBuffer;
  #held: Uint8Array = new Uint8Array(0);

  constructor(
    input: LiveInput,
    decoder: Decoder,
    room: ReaderRoom,
    { log = input.log, watermark, now, head }: ReaderState,
  ) {
    this.input = input;
    this.log = log;
    this.watermark = watermark;
    this.lastRead = now;
    this.#decoder = decoder;
    this.#room = room;
    const { from, lines, withinLine } = input;
    this.#buffer = new RecordBuffer(room.bytes, {
      offset: from,
      lines,
      blank: 0,
      withinLine,
      head,
    });
  }

  /**
   * Looks from when the first records are, without reading them.
   *
   * @param watermark - One that has seen nothing.
   */
  async look(watermark: Watermark): Promise<void> {
    const { batch } = this.#room;
    const first = await this.input.head(HEAD_BYTES);
    const bytes = new Uint8Array(HEAD_BYTES + READABLE_BEYOND);
    bytes.set(first);
    const place = { end: first.length, ended: false, offset: 0, line: 1, blank: 0 };
    try {
      const chunk = { bytes, ...place, head: await this.#headOfInput() };
      const end = first.lastIndexOf(NEWLINE) + 1;
      let next = this.input.withinLine ? first.indexOf(NEWLINE) + 1 : 0;
      for (let at = -1; at < next && next < end; ) {
        at = next;
        next = this.#decoder.decode(chunk, at, end, batch, () => {});
      }
    } catch (error) {
      if (!(error instanceof DaybookError)) throw error; // Reading it will say why.
    }
    // The least: one that is torn and far ahead must not put off those behind it.
    const times = batch.time.subarray(0, batch.length);
    for (const time of times) watermark.observe(time);
    if (batch.length > 0) {
      const time = times.reduce((a, b) => Math.min(a, b));
      this.first = { time, confirmed: watermark.low > Number.NEGATIVE_INFINITY };
    }
    batch.clear();
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
    if (count === 0 && end === undefined) return false;
    const ended = count === 0 && end === 'whole';
    const isCut = count === 0 && end === 'cut';
    chunk.head ??= await this.#headOfInput();
    const lines = chunk.line;
    const blank = chunk.blank;
    const before = this.#buffer.filled + count;
    let { from: at, to } = this.#buffer.accept(count, ended);
    if (isCut) {
      // The rest of a record is lost, not the whole lines that waited with its beginning.
      chunk.ended = true;
      chunk.end = to;
    }
    batch.input.fill(this.input.rank);
    for (let waits = false; at < to && !waits; ) {
      const next = this.#decode(at, to);
      waits = next === at; // for the rest of a record
      at = next;
      if (batch.length < EventBatch.CAPACITY && at < to && !waits) continue;
      take(batch);
      batch.clear();
    }
    // The line end that is put behind a last line is none of the input's bytes.
    this.input.consumed(bytes.subarray(0, Math.min(at, before)), chunk.line - lines);
    const { offset, line } = chunk;
    this.#buffer.release(at, ended, this.#reject);
    const dropped = chunk.offset - offset - at; // of a line that is too long
    if (dropped > 0) this.input.consumed(bytes.subarray(0, dropped), chunk.line - line);
    tally.read += chunk.line - lines - (chunk.blank - blank);
    if (isCut) this.#loseHeld();
    return count > 0;
  }

  save(): SavedReader {
    const { input, log, watermark } = this;
    const { head } = this.#buffer.chunk;
    return {
      ...{ rank: input.rank, log, watermark: watermark.save() },
      ...(head !== undefined && { head }),
    };
  }

  #decode(from: number, to: number): number {
    const { batch } = this.#room;
    try {
      return this.#decoder.decode(this.#buffer.chunk, from, to, batch, this.#reject);
    } catch (error) {
      throw ofInput(error, this.input.name);
    }
  }

  /** What the first row of the input says of all others, where that was not read and the decoder wants to know. */
  async #headOfInput(): Promise<unknown> {
    const { input } = this;
    const { head } = this.#buffer.chunk;
    if (head !== undefined || input.from === 0) return head;
    return this.#decoder.head?.(await input.head(BUFFER_BYTES, true));
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
    const { filled, heldBytes, chunk } = this.#buffer;
    if (heldBytes === 0) return;
    this.#reject(TRUNCATED, chunk.bytes, 0, filled);
    this.#room.tally.read++;
    this.#buffer.filled = 0;
  }
}
