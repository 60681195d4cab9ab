import type { InputMark, LiveInput, LiveSource } from '../core/live-source.ts';
import type { ByteReader, Input, Source } from '../core/source.ts';

/**
 * Inputs that neither grow nor become more, to be read like those that do.
 *
 * Each is opened when it is first read, and closed at its end.
 *
 * @param sources - The kinds of source by name.
 */
export function finishedInputs(
  sources: Readonly<Record<string, Source>>,
  inputs: readonly Input[],
): LiveSource {
  const all = inputs.map((input, rank) => new FinishedInput(sources[input.source]!, input, rank));
  const arriving = [...all];
  return {
    finished: true,
    arrivals: async () => arriving.splice(0),
    changed: async () => {},
    settled: async () => {},
    marks: () => [],
    close: async () => {
      for (const input of all) input.close();
    },
  };
}

/** An input that is read once, from its start. */
class FinishedInput implements LiveInput {
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
  #reader: ByteReader | undefined;

  constructor(source: Source, input: Input, rank: number) {
    this.#source = source;
    this.#input = input;
    this.name = input.name;
    this.rank = rank;
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
    this.#reader ??= this.#source.open(this.#input, 0);
    const count = await this.#reader.read(into);
    if (count === 0) {
      this.end = 'whole';
      this.close();
    }
    return count;
  }

  consumed(): void {}

  mark(): InputMark {
    throw new Error('what is finished needs no mark');
  }

  close(): void {
    this.#reader?.close();
    this.#reader = undefined;
  }
}
