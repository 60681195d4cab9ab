import { throwIfInterrupted } from '../../core/errors.ts';
import type { InputMark, LiveInput, LiveSource } from '../../core/live-source.ts';
import type { ByteReader, Input, Source } from '../../core/source.ts';
import { OpenInputs, type RestingInput } from './open-inputs.ts';
import { PutAside } from './put-aside.ts';
import { untilInterrupted } from './until-interrupted.ts';

/** Inputs that are open at a time: fewer than any system allows, few enough for what is compressed to fit in memory. */
const MOST_OPEN = 64;

/** How to read finished inputs. */
export interface FinishedOptions {
  /** Inputs that are open at a time; those that can be read but once are open besides. */
  readonly mostOpen?: number;
  /** Called with the bytes read so far, as they are stored, whenever some were read. */
  readonly onProgress?: ((bytesRead: number) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Inputs that neither grow nor become more, to be read like those that do.
 *
 * Each is opened when it is first read, and closed at its end. Where too many are open, who was read longest ago is
 * closed, and goes on where it was: a compressed one, which would have to be decompressed anew up to there, is
 * closed only where no other can be, and what is left of it is put aside, decompressed.
 *
 * @param sources - The kinds of source by name.
 */
export function finishedInputs(
  sources: Readonly<Record<string, Source>>,
  inputs: readonly Input[],
  { mostOpen = MOST_OPEN, onProgress, signal }: FinishedOptions = {},
): LiveSource {
  let bytesRead = 0;
  const shared: Shared = {
    open: new OpenInputs(mostOpen),
    aside: new PutAside(),
    signal,
    onRead(sizeBytes) {
      bytesRead += sizeBytes;
      if (sizeBytes > 0) onProgress?.(bytesRead);
    },
  };
  const all = inputs.map(
    (input, rank) => new FinishedInput(sources[input.source]!, input, rank, shared),
  );
  const arriving = [...all];
  return {
    finished: true,
    arrivals: async () => arriving.splice(0),
    changed: async () => {},
    settled: async () => {},
    marks: () => [],
    close: async () => {
      for (const input of all) input.close();
      shared.aside.close();
    },
  };
}

/** What the inputs of one run share. */
interface Shared {
  readonly open: OpenInputs;
  /** What is left of those that cannot stay open. */
  readonly aside: PutAside;
  readonly signal: AbortSignal | undefined;
  /** Takes note that so many bytes more were read. */
  onRead(sizeBytes: number): void;
}

/** An input that is read once, from its start. */
class FinishedInput implements LiveInput, RestingInput {
  readonly name: string;
  /** Several are one log in the order given. */
  readonly log = '';
  readonly rank: number;
  readonly from = 0;
  readonly lines = 0;
  readonly withinLine = false;
  end: LiveInput['end'];
  readonly #source: Source;
  readonly #input: Input;
  readonly #shared: Shared;
  #reader: ByteReader | undefined;
  #at = 0;
  /** Whether it can be closed before its end. */
  #canRest: boolean;

  constructor(source: Source, input: Input, rank: number, shared: Shared) {
    this.#source = source;
    this.#input = input;
    this.#shared = shared;
    this.#canRest = input.replayable;
    this.name = input.name;
    this.rank = rank;
  }

  get splittable(): boolean {
    return this.#input.splittable;
  }

  async head(sizeBytes: number): Promise<Uint8Array> {
    const bytes = new Uint8Array(sizeBytes);
    if (!this.#input.replayable) return bytes.subarray(0, 0);
    const reader = this.#source.open(this.#input, 0);
    try {
      let filled = 0;
      for (let count = -1; count !== 0 && filled < sizeBytes; filled += count)
        count = await reader.read(bytes.subarray(filled));
      return bytes.subarray(0, filled);
    } finally {
      reader.close();
    }
  }

  async read(into: Uint8Array): Promise<number> {
    if (this.end !== undefined) return 0;
    if (this.#canRest) await this.#shared.open.admit(this);
    const count = await this.#next(into);
    if (count === 0) {
      this.end = 'whole';
      this.close();
    }
    return count;
  }

  /** Closes it until it is read again. */
  async rest(): Promise<void> {
    if (this.splittable) return this.close();
    const { aside, signal } = this.#shared;
    const rest = await aside.take((into) => {
      throwIfInterrupted(signal);
      return this.#next(into);
    });
    this.close();
    this.#reader = rest;
    this.#canRest = false;
  }

  consumed(): void {}

  withRest(): string {
    throw new Error('what is finished needs no digest');
  }

  mark(): InputMark {
    throw new Error('what is finished needs no mark');
  }

  close(): void {
    this.#reader?.close();
    this.#reader = undefined;
    this.#shared.open.dismiss(this);
  }

  async #next(into: Uint8Array): Promise<number> {
    this.#reader ??= this.#source.open(this.#input, this.#at);
    const { consumedBytes } = this.#reader;
    // What comes out of a pipe may be long in coming.
    const reading = this.#reader.read(into);
    const count =
      typeof reading === 'number' ? reading : await untilInterrupted(reading, this.#shared.signal);
    this.#at += count;
    this.#shared.onRead(this.#reader.consumedBytes - consumedBytes);
    return count;
  }
}
