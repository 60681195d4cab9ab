import { Dictionary } from '../../core/dictionary.ts';
import type { EventField } from '../../core/event-list.ts';
import type { JobSpec } from '../../core/job.ts';
import type { LiveInput } from '../../core/live-source.ts';
import type { InputHead } from '../../core/store.ts';
import type { Watermark } from '../../core/watermark.ts';
import { SegmentTally } from '../read/decode-segment.ts';
import type { DecoderRoom, DecoderRooms, RoomOwner } from '../read/decoder-rooms.ts';
import { HEAD_BYTES, headWith } from '../read/identify.ts';
import { ofInput } from '../read/of-input.ts';
import { BUFFER_BYTES, RecordBuffer } from '../read/record-buffer.ts';
import type { CountedInputs, CountedPart, RestOf } from './counted-inputs.ts';
import { decodeRecords, rejectTo } from './decode-records.ts';
import { PartBuilder } from './serial-parts.ts';

/** How an input is read, and what is known of it. */
export interface FollowedSetting {
  readonly spec: JobSpec;
  readonly rooms: DecoderRooms;
  readonly fields: readonly EventField[];
  readonly counted: CountedInputs;
  /** Is shown the times of all records, but for a last one without its end. */
  readonly watermark: Watermark;
}

type Rest<Words> = Words extends [unknown, ...infer Others] ? Others : never;

/** An input that may grow: bytes to whole records to parts for a store. */
export class FollowedInput implements RoomOwner {
  readonly input: LiveInput;
  /** What it is in the store, once something of it is there. */
  id: number | undefined;
  /** When something was read last, or the input was found. */
  lastRead: number = performance.now();
  /** Whether there was something to read when it was tried last. */
  isBehind = false;
  /** Whether it failed to be read, and nothing was read since. */
  isUnreadable = false;
  /** Whether the source knows that all of it is counted. */
  isSettled = false;
  /** Whether its last record is not counted before it has its end. */
  isWaiting = false;
  readonly #setting: FollowedSetting;
  readonly #tally = new SegmentTally();
  #part: PartBuilder;
  #names: Dictionary | undefined;
  /** Digest of all in front of the part. */
  #fromDigest: string;
  /** Last records without their ends that may be the beginning of the part. */
  #rests: readonly RestOf[] | undefined;
  /** The input of which that was so. */
  #goesOn: number | undefined;
  #position: number;
  /** Up to `HEAD_BYTES` first bytes. */
  #first: Uint8Array = new Uint8Array(0);
  #lines = 0;
  #room: DecoderRoom | undefined;
  #buffer: RecordBuffer | undefined;
  /** What is taken along from one turn in a room to the next. */
  #held: Uint8Array = new Uint8Array(0);
  #heldBytes = 0;
  #withinLine: boolean;
  #head: unknown;
  #state: unknown;
  #restDigest: string | undefined;

  constructor(input: LiveInput, setting: FollowedSetting) {
    this.input = input;
    this.#setting = setting;
    this.#position = input.from;
    this.#withinLine = input.withinLine;
    this.#fromDigest = input.mark().digest;
    this.#state = setting.counted.decoderAt(this.#fromDigest);
    this.#part = this.#newPart(input.from);
  }

  /** How far it is in time. */
  get watermark(): Watermark {
    return this.#setting.watermark;
  }

  /** How many bytes and events are decoded and not taken yet. */
  get pending(): { readonly bytes: number; readonly events: number } {
    return { bytes: this.#position - this.#part.from, events: this.#part.length };
  }

  /** Bytes of a last record that has no end yet. */
  get heldBytes(): number {
    return this.#buffer?.heldBytes ?? this.#heldBytes;
  }

  /**
   * Reads what is there, up to a buffer full.
   *
   * @returns Whether there was anything.
   * @throws DaybookError `SOURCE_UNREADABLE`, or `USAGE` where the input is not of the kind expected.
   */
  async read(): Promise<boolean> {
    const { room, buffer } = await this.#enter();
    const count = await this.input.read(buffer.space);
    if (count === 0) return false;
    this.lastRead = performance.now();
    this.isSettled = false;
    const next = this.#decode(room, buffer, buffer.accept(count, false), this.#part, this.#tally);
    buffer.release(next, false, rejectTo(buffer.chunk, this.#tally));
    noteIn(this.#tally, buffer);
    return true;
  }

  /** Takes what was decoded; the next part begins behind it. Undefined where there is nothing. */
  take(): CountedPart | undefined {
    if (this.pending.bytes === 0) return undefined;
    const part = this.#part.take(this.#saved, false);
    const { digest } = this.input.mark();
    const linesBefore = this.input.lines + this.#part.linesBefore;
    const taken = { ...this.#described, linesBefore, part, digest };
    this.#fromDigest = digest;
    this.#part = this.#newPart(part.to);
    this.#names = undefined;
    this.#rests = undefined;
    this.#goesOn = undefined;
    return taken;
  }

  /**
   * Decodes a last record without its end as it is. If more comes, it is decoded again with that.
   *
   * @returns Undefined where there is none, or where it is still what it was.
   */
  async takeRest(): Promise<CountedPart | undefined> {
    const { room, buffer } = await this.#enter();
    const { filled, heldBytes, chunk } = buffer;
    const bytes = room.bytes.slice(0, filled);
    const digest = this.input.withRest(bytes);
    if (heldBytes === 0 || digest === this.#restDigest) return undefined;
    const start = { offset: chunk.offset, lines: 0, blank: 0, withinLine: false, head: chunk.head };
    const rest = new RecordBuffer(room.bytes, start);
    const tally = new SegmentTally();
    const part = new PartBuilder(chunk.offset, this.#setting.fields, tally);
    const before = this.#saved;
    this.#names = new Dictionary();
    this.#decode(room, rest, rest.accept(filled, true), part, tally);
    this.#names = undefined;
    if (before !== undefined) room.decoder.load?.(before);
    noteIn(tally, rest);
    tally.to = chunk.offset + filled;
    this.#restDigest = digest;
    this.#compare(bytes);
    this.input.withRest(bytes);
    const head = headWith(Buffer.concat([this.#first, bytes]).subarray(0, HEAD_BYTES));
    const described = { ...this.#described, head, linesBefore: this.input.lines + this.#lines };
    const taken = { ...described, part: part.take(before, true), digest };
    this.#rests = undefined;
    this.#goesOn = undefined;
    return taken;
  }

  leave(): void {
    const room = this.#room;
    const buffer = this.#buffer;
    if (room === undefined || buffer === undefined) return;
    this.#state = this.#saved;
    this.#held = room.bytes.slice(0, buffer.filled);
    this.#heldBytes = buffer.heldBytes;
    this.#withinLine = buffer.isSkipping;
    this.#head = buffer.chunk.head;
    room.owner = undefined;
    this.#room = undefined;
    this.#buffer = undefined;
  }

  /** Looks at the first bytes, where these are not to be read. */
  async look(): Promise<void> {
    const { from } = this.input;
    if (from === 0) return;
    const first = await this.input.head(HEAD_BYTES, true);
    this.#first = first.subarray(0, from);
  }

  #newPart(from: number): PartBuilder {
    const { fields, watermark } = this.#setting;
    return new PartBuilder(from, fields, this.#tally, watermark);
  }

  get #saved(): unknown {
    return this.#room === undefined ? this.#state : this.#room.decoder.save?.();
  }

  get #described(): Omit<CountedPart, 'part' | 'digest' | 'linesBefore'> {
    const head: InputHead = headWith(this.#first);
    const { name, lines } = this.input;
    return { name, head, lines, fromDigest: this.#fromDigest, goesOn: this.#goesOn };
  }

  async #enter(): Promise<{ room: DecoderRoom; buffer: RecordBuffer }> {
    const { rooms, spec } = this.#setting;
    const room = await rooms.of(spec);
    if (this.#buffer !== undefined) return { room, buffer: this.#buffer };
    room.owner?.leave();
    room.owner = this;
    const { decoder, bytes, fresh } = room;
    const state = this.#state ?? fresh;
    if (state !== undefined) decoder.load?.(state);
    const { lines, blank } = this.#tally;
    const buffer = new RecordBuffer(bytes, {
      ...{ offset: this.#position, lines, blank, withinLine: this.#withinLine },
      head: this.#head ?? (await this.#headOfInput(room)),
      onDone: (done) => this.#consume(done, buffer),
    });
    bytes.set(this.#held);
    buffer.filled = this.#held.length;
    this.#room = room;
    this.#buffer = buffer;
    return { room, buffer };
  }

  /** What the first row of the input says of all others, where that was not read and the decoder wants to know. */
  async #headOfInput({ decoder }: DecoderRoom): Promise<unknown> {
    if (this.#position === 0 || decoder.head === undefined) return undefined;
    try {
      return decoder.head(await this.input.head(BUFFER_BYTES, true));
    } catch (error) {
      throw ofInput(error, this.input.name);
    }
  }

  #decode(room: DecoderRoom, ...rest: Rest<Parameters<typeof decodeRecords>>): number {
    this.#names ??= new Dictionary();
    room.batch.names = this.#names;
    try {
      return decodeRecords(room, ...rest);
    } catch (error) {
      throw ofInput(error, this.input.name);
    }
  }

  /** Takes note of bytes that are decoded. */
  #consume(bytes: Uint8Array, { chunk }: RecordBuffer): void {
    this.#compare(bytes);
    const { line } = chunk;
    this.input.consumed(bytes, line - 1 - this.#lines);
    this.#lines = line - 1;
    if (this.#position < HEAD_BYTES && this.#position === this.#first.length)
      this.#first = Buffer.concat([this.#first, bytes.subarray(0, HEAD_BYTES - this.#position)]);
    this.#position += bytes.length;
  }

  /** Looks whether the next bytes are a last record that had no end before. */
  #compare(bytes: Uint8Array): void {
    this.#rests ??= this.#setting.counted.restsAt(this.#fromDigest);
    for (const { id, position, digest } of this.#rests) {
      const length = position - this.#position;
      if (length <= 0 || length > bytes.length) continue;
      if (this.input.withRest(bytes.subarray(0, length)) === digest) this.#goesOn = id;
    }
  }
}

function noteIn(tally: SegmentTally, { chunk, position }: RecordBuffer): void {
  tally.lines = chunk.line - 1;
  tally.blank = chunk.blank;
  tally.to = position;
}
