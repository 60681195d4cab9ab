import type { InputMark, LiveInput, LiveSource } from '../core/live-source.ts';
import type { ByteReader } from '../core/source.ts';
import { Alarm } from './alarm.ts';
import { Prefix } from './prefix.ts';

/** So much is read ahead at most. */
const ROOM_BYTES = 1 << 20;
const LEAST_READ_BYTES = 64 << 10;

/** A pipe or another stream: read as it comes, and not faster than it is taken. */
export class LiveStream implements LiveSource, LiveInput {
  readonly name: string;
  readonly log: string;
  readonly rank: number;
  readonly from = 0;
  readonly lines = 0;
  readonly withinLine = false;
  readonly #reader: ByteReader;
  readonly #prefix = new Prefix();
  readonly #alarm = new Alarm();
  readonly #room = new Uint8Array(ROOM_BYTES);
  /** The bytes that wait to be taken stand in `room` from here to there. */
  #from = 0;
  #to = 0;
  #isTold = false;
  /** Set while there is no room to read on. */
  #goOn: (() => void) | undefined;
  /** `broken` is `failed` when it was told. */
  #state: 'open' | 'ended' | 'failed' | 'broken' | 'closed' = 'open';
  #failure: unknown;

  constructor(name: string, rank: number, reader: ByteReader) {
    this.name = name;
    this.log = name;
    this.rank = rank;
    this.#reader = reader;
  }

  get end(): LiveInput['end'] {
    if (this.#state === 'broken') return 'cut';
    return this.#state === 'ended' && this.#from === this.#to ? 'whole' : undefined;
  }

  get finished(): boolean {
    return this.#state !== 'open';
  }

  async arrivals(): Promise<LiveInput[]> {
    if (this.#isTold) return [];
    this.#isTold = true;
    void this.#pump();
    return [this];
  }

  async head(): Promise<Uint8Array> {
    return new Uint8Array(0);
  }

  read(into: Uint8Array): number {
    const length = Math.min(into.length, this.#to - this.#from);
    into.set(this.#room.subarray(this.#from, this.#from + length));
    this.#from += length;
    if (this.#from === this.#to) this.#goOn?.();
    if (length > 0 || this.#state !== 'failed') return length;
    this.#state = 'broken';
    throw this.#failure;
  }

  consumed(bytes: Uint8Array, lines: number): void {
    this.#prefix.take(bytes, lines);
  }

  withRest(bytes: Uint8Array): string {
    return this.#prefix.digestWith(bytes);
  }

  mark(): InputMark {
    const { name, rank, end } = this;
    return { rank, name, identity: '', ...this.#prefix.described, ended: end !== undefined };
  }

  async changed(timeoutMs: number, signal: AbortSignal): Promise<void> {
    await this.#alarm.rang(timeoutMs, signal);
  }

  async settled(): Promise<void> {}

  /** What was read of it cannot be read again. */
  marks(): InputMark[] {
    return [];
  }

  async close(): Promise<void> {
    this.#state = 'closed';
    this.#goOn?.();
    this.#reader.close();
  }

  async #pump(): Promise<void> {
    try {
      while (this.#state === 'open') {
        if (this.#room.length - this.#to < LEAST_READ_BYTES) await this.#emptied();
        if (this.#from === this.#to) {
          this.#from = 0;
          this.#to = 0;
        }
        const length = await this.#reader.read(this.#room.subarray(this.#to));
        this.#to += length;
        if (length === 0 && this.#state === 'open') this.#state = 'ended';
        this.#alarm.ring();
      }
    } catch (error) {
      if (this.#state === 'open') this.#state = 'failed';
      this.#failure = error;
      this.#alarm.ring();
    }
  }

  async #emptied(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#goOn = resolve;
    if (this.#from < this.#to && this.#state === 'open') await promise;
    this.#goOn = undefined;
  }
}
