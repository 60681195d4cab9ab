import { randomUUID } from 'node:crypto';
import { type Chunk, MAX_RECORD_BYTES, READABLE_BEYOND } from '../../core/decoder.ts';
import { DaybookError } from '../../core/errors.ts';
import type { EventBatch } from '../../core/event-batch.ts';
import type { Job } from '../../core/job.ts';
import { KEPT_TEXT_BYTES, type SegmentReject } from '../../core/rejects.ts';
import type { ByteReader, Input } from '../../core/source.ts';
import type { StoredInput } from '../../core/store.ts';
import { ForwardBytes } from '../read/forward-bytes.ts';
import { identify } from '../read/identify.ts';
import { headOfInput } from '../read/input-head.ts';
import { openAt } from '../read/skipping-reader.ts';

const NEWLINE = 0x0a;
/** Room for the longest record and a line end. */
const WINDOW_BYTES = MAX_RECORD_BYTES + 2;

/** Decodes the rejected records of an input anew: as they are kept, or, where that is not all of them, as they are there. */
export class RejectedRecords {
  readonly #job: Job;
  readonly #stored: StoredInput;
  readonly #find: () => Promise<Input | undefined>;
  readonly #signal: AbortSignal | undefined;
  readonly #bytes = new Uint8Array(WINDOW_BYTES + 1 + READABLE_BEYOND);
  #original: Promise<Input | undefined> | undefined;
  #head: Promise<unknown> | undefined;
  #reader: ByteReader | undefined;
  #forward: ForwardBytes | undefined;

  /** @param find - Finds the file that may be the input. */
  constructor(
    job: Job,
    stored: StoredInput,
    find: () => Promise<Input | undefined>,
    signal?: AbortSignal,
  ) {
    this.#job = job;
    this.#stored = stored;
    this.#find = find;
    this.#signal = signal;
  }

  /**
   * Decodes a record into an empty batch, which stays empty where it is still none.
   *
   * @param to - Where its stretch of the input ends. Records come in order.
   * @returns Whether it could be decoded: not where the input that this takes is gone.
   */
  async decode(reject: SegmentReject, to: number, batch: EventBatch): Promise<boolean> {
    this.#head ??= this.#readHead();
    const head = await this.#head;
    if (head === UNKNOWN) return false;
    const window = isWhole(reject)
      ? { bytes: Buffer.from(reject.text), isEnd: true }
      : await this.#readWindow(reject.offset, to);
    if (window === undefined) return false;
    const { bytes, isEnd } = window;
    this.#bytes.set(bytes);
    let end = bytes.length;
    if (isEnd && bytes.at(-1) !== NEWLINE) this.#bytes[end++] = NEWLINE;
    const lineEnd = this.#bytes.subarray(0, end).indexOf(NEWLINE) + 1;
    if (lineEnd === 0) return true; // It is too long.
    const { line, offset } = reject;
    const chunk: Chunk = { bytes: this.#bytes, end, ended: isEnd, offset, line, blank: 0, head };
    let isRejected = false;
    const refuse = () => {
      isRejected = true;
    };
    this.#job.decoder.decode(chunk, 0, lineEnd, batch, refuse);
    if (isRejected) batch.clear();
    return true;
  }

  close(): void {
    this.#reader?.close();
  }

  /** What the first row of the input says of all others. */
  async #readHead(): Promise<unknown> {
    const { decoder } = this.#job;
    if (decoder.head === undefined) return undefined;
    try {
      return decoder.head(Buffer.from(randomUUID())); // Where names do not matter, any row says it.
    } catch (error) {
      if (!(error instanceof DaybookError)) throw error;
      const input = await this.#findOriginal();
      return input ? headOfInput(this.#job, input, new Uint8Array(WINDOW_BYTES)) : UNKNOWN;
    }
  }

  /** Bytes from an offset on, enough for any record, and whether they reach to the end of its stretch. */
  async #readWindow(
    offset: number,
    to: number,
  ): Promise<{ bytes: Uint8Array; isEnd: boolean } | undefined> {
    const input = await this.#findOriginal();
    if (input === undefined) return undefined;
    this.#reader ??= openAt(this.#job.sources[input.source]!, input, offset);
    this.#forward ??= new ForwardBytes(this.#reader, offset, WINDOW_BYTES);
    const length = Math.min(WINDOW_BYTES, to - offset);
    return { bytes: await this.#forward.read(offset, length), isEnd: offset + length === to };
  }

  /** The input, if it is still there as it was counted. */
  #findOriginal(): Promise<Input | undefined> {
    this.#original ??= this.#find().then(async (input) => {
      if (input === undefined || !input.replayable) return undefined;
      const source = this.#job.sources[input.source]!;
      const { kind } = await identify(input, source, [this.#stored], this.#signal);
      return kind === 'known' || kind === 'grown' ? input : undefined;
    });
    return this.#original;
  }
}

/** A first row that is needed and cannot be read. */
const UNKNOWN = Symbol('unknown');

/** Whether what is kept of a record is all of it: bytes that are no UTF-8 are not kept. */
function isWhole({ text }: SegmentReject): boolean {
  return Buffer.byteLength(text) < KEPT_TEXT_BYTES && !text.includes('\uFFFD');
}
