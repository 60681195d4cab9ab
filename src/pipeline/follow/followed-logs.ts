import type { Decoder } from '../../core/decoder.ts';
import type { LiveReader } from './live-reader.ts';

/** The logs under way, as plain data. */
export interface SavedLogs {
  /** The one that was read last. */
  readonly current: string | undefined;
  /** What the next record of each means, by name. */
  readonly states: readonly (readonly [string, unknown])[];
}

/**
 * Logs that take turns at one decoder, where what a record means depends on those before it in its log.
 *
 * A log is read piece by piece, in the order in which they came. One that comes while others are under way
 * begins where the furthest of them is: a log that tells no date was begun on their day.
 */
export class FollowedLogs {
  readonly #decoder: Decoder;
  /** What the first record of all means. */
  readonly #fresh: unknown;
  /** By name; of the one that is read, the decoder knows better. */
  readonly #states: Map<string, unknown>;
  /** The inputs of each that are open, in the order in which they came. */
  readonly #pieces = new Map<string, LiveReader[]>();
  #current: string | undefined;

  constructor(decoder: Decoder, saved?: SavedLogs) {
    this.#decoder = decoder;
    this.#fresh = decoder.save?.();
    this.#states = new Map(saved?.states);
    this.#current = saved?.current;
    if (this.#current !== undefined) decoder.load?.(this.#states.get(this.#current));
  }

  /** Takes note of inputs that came at once. */
  open(readers: readonly LiveReader[]): void {
    if (!this.#decoder.save) return;
    for (const reader of readers) {
      const pieces = this.#pieces.get(reader.log) ?? [];
      pieces.push(reader);
      this.#pieces.set(reader.log, pieces);
    }
    const furthest = this.#furthest() ?? this.#current;
    const begin = furthest === undefined ? this.#fresh : this.#stateOf(furthest);
    for (const { log } of readers) {
      if (this.#states.has(log)) continue;
      this.#states.set(log, log === this.#current ? this.#stateOf(log) : begin);
    }
  }

  /** Whose turn it is before an input is read: the first piece of its log that has more. */
  firstOf(reader: LiveReader): LiveReader {
    const pieces = this.#pieces.get(reader.log) ?? [];
    const first = pieces.find((piece) => piece === reader || piece.behind);
    return first ?? reader;
  }

  /** Has the decoder go on with the log of an input. */
  turnTo({ log }: LiveReader): void {
    const before = this.#current;
    if (log === before || !this.#decoder.save) return;
    if (before !== undefined && this.#states.has(before))
      this.#states.set(before, this.#stateOf(before));
    this.#decoder.load?.(this.#states.get(log));
    this.#current = log;
  }

  /** Forgets an input that has ended, and its log if that was its last piece. */
  close(reader: LiveReader): void {
    const { log } = reader;
    const pieces = this.#pieces.get(log)?.filter((piece) => piece !== reader) ?? [];
    if (pieces.length > 0) {
      this.#pieces.set(log, pieces);
      return;
    }
    this.#pieces.delete(log);
    this.#states.delete(log);
  }

  save(): SavedLogs {
    const current = this.#current;
    const states = new Map(this.#states);
    if (current !== undefined) states.set(current, this.#stateOf(current));
    return { current, states: [...states] };
  }

  #stateOf(log: string): unknown {
    return log === this.#current ? this.#decoder.save?.() : this.#states.get(log);
  }

  /** The log that is furthest in time, of those of which something was read. */
  #furthest(): string | undefined {
    let furthest: string | undefined;
    let high = Number.NEGATIVE_INFINITY;
    for (const [log, pieces] of this.#pieces) {
      for (const { watermark } of pieces) {
        if (watermark.high <= high) continue;
        furthest = log;
        high = watermark.high;
      }
    }
    return furthest;
  }
}
