import type { FileInput } from './file-input.ts';
import { GrowingFile } from './growing-file.ts';
import type { PastInput } from './known-inputs.ts';
import type { Prefix } from './prefix.ts';

/** What comparing a file with an input that was read says of the file. */
export type Finding =
  | { readonly kind: 'differs' }
  /** It cannot be said yet. */
  | { readonly kind: 'wait' }
  /** It holds what was read of the input, and more. */
  | ({ readonly kind: 'continues' } & Match)
  /** It holds nothing else than what was read. */
  | ({ readonly kind: 'known' } & Match);

interface Match {
  /** What of the file was read. */
  readonly prefix: Prefix;
  /** As which input. */
  readonly of: PastInput | FileInput;
}

/** An input that a file may be a copy of. */
export interface Rival {
  /** At this position the two are compared by their digests. */
  readonly position: number;
  /** Takes the next bytes of the file, which begin at `at`. @returns Whether it is to be given more. */
  see(at: number, bytes: Uint8Array): boolean;
  /** Takes what of the file stands before `position`. */
  reach(prefix: Prefix): void;
  /** Concludes, when the file was seen to its end. */
  find(whole: Prefix, isAtRest: boolean): Finding;
}

const DIFFERS: Finding = { kind: 'differs' };
const WAIT: Finding = { kind: 'wait' };

/** An input that is followed no more: only what was read of it is known, by its digest. */
export class PastRival implements Rival {
  readonly position: number;
  readonly #past: PastInput;
  #reached: Prefix | undefined;

  constructor(past: PastInput) {
    this.#past = past;
    this.position = past.mark.position;
  }

  see(at: number): boolean {
    return at < this.position;
  }

  reach(prefix: Prefix): void {
    if (prefix.digest !== this.#past.mark.digest) return;
    this.#reached = prefix.copy();
    this.#reached.lines = this.#past.mark.lines;
  }

  find(whole: Prefix, isAtRest: boolean): Finding {
    const { mark, prefix } = this.#past;
    if (whole.position < this.position) {
      if (!isAtRest) return (mark.head ?? mark.start) === undefined ? DIFFERS : WAIT;
      if (prefix?.digestAt(whole.position) !== whole.digest) return DIFFERS;
      return whole.endsLine ? { kind: 'known', prefix: whole, of: this.#past } : WAIT;
    }
    if (this.#reached === undefined) return DIFFERS;
    const match = { prefix: this.#reached, of: this.#past };
    const goesOn = whole.position > this.position || !mark.ended;
    return goesOn ? { kind: 'continues', ...match } : { kind: 'known', ...match };
  }
}

/** An input that is followed: its file is compared byte by byte. */
class CurrentRival implements Rival {
  readonly position: number;
  readonly #input: GrowingFile;
  #reached: Prefix | undefined;
  #state: 'alike' | 'longer' | 'differs' | 'unknown' = 'alike';
  #buffer = new Uint8Array(0);
  #extent = 0;

  constructor(input: GrowingFile) {
    this.#input = input;
    this.position = input.prefix.position;
  }

  see(at: number, bytes: Uint8Array): boolean {
    if (this.#buffer.length < bytes.length) this.#buffer = new Uint8Array(bytes.length);
    let filled = 0;
    while (filled < bytes.length) {
      const count = this.#input.peek(at + filled, this.#buffer.subarray(filled, bytes.length));
      if (count === undefined) this.#state = 'unknown';
      if (!count) break;
      filled += count;
    }
    if (this.#state === 'unknown') return false;
    this.#extent = at + filled;
    if (Buffer.compare(this.#buffer.subarray(0, filled), bytes.subarray(0, filled)) !== 0) {
      this.#state = 'differs';
    } else if (filled < bytes.length) this.#state = 'longer';
    return this.#state === 'alike';
  }

  reach(prefix: Prefix): void {
    this.#reached = prefix.copy();
    this.#reached.lines = this.#input.prefix.lines;
  }

  find(whole: Prefix, isAtRest: boolean): Finding {
    const input = this.#input;
    input.check(); // What was compared was what was read, and not what came after a truncation.
    if (input.end !== undefined || this.#state === 'unknown') return WAIT;
    if (this.#state === 'differs') return DIFFERS;
    const { position } = input.prefix;
    if (this.#state === 'alike') {
      // All of it was read, or will be.
      const isKnown = isAtRest && whole.endsLine && whole.position <= position;
      return isKnown ? { kind: 'known', prefix: whole, of: input } : WAIT;
    }
    const isUpToDate = input.at >= this.#extent && position === this.position;
    if (!isUpToDate || this.#reached === undefined) return WAIT;
    return { kind: 'continues', prefix: this.#reached, of: input };
  }
}

/** A compressed input that is being read, which comes to an end: then it can be compared. */
class PackedRival implements Rival {
  readonly position = 0;

  see(): boolean {
    return false;
  }

  reach(): void {}

  find(): Finding {
    return WAIT;
  }
}

/** How a file is compared with an input that is followed. */
export function rivalOf(input: FileInput): Rival {
  return input instanceof GrowingFile ? new CurrentRival(input) : new PackedRival();
}
