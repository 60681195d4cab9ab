import { closeSync, openSync, readSync } from 'node:fs';
import { DaybookError, systemCode } from '../core/errors.ts';
import type { ByteReader } from '../core/source.ts';
import { encodingOf, MAGIC_BYTES } from './encoding.ts';
import { examine, prefixOf, type Verdict } from './examine.ts';
import { type FileStat, statOf, statOfOpen } from './file-stat.ts';
import type { KnownInputs } from './known-inputs.ts';
import { OpenReader } from './open-reader.ts';
import { packedReader } from './packed-file.ts';
import { unreadable } from './stream-reader.ts';

/** Looking again and again takes at most one part in so many of the time. */
const COST_SHARE = 10;

/** What looking at a file gave. */
export type Look =
  | (Verdict & { readonly isPacked: boolean; readonly stat: FileStat })
  /** It cannot be read before it is changed. */
  | { readonly kind: 'unreadable'; readonly reason: string; readonly stat: FileStat };

/** How long to wait with what. */
export interface Patience {
  readonly pollMs: number;
  readonly restMs: number;
  readonly idleMs: number;
}

/**
 * `present` at the start, and to be read from where it ended then; a `piece` that is named by no word
 * any more; or a file that is read whole and then on.
 */
export type CandidateKind = 'present' | 'piece' | 'file';

/** A file of which it is not known yet whether it was read before. */
export class Candidate {
  path: string;
  readonly kind: CandidateKind;
  readonly #patience: Patience;
  #stat: FileStat;
  readonly #foundAt = performance.now();
  #changedAt = this.#foundAt;
  #dueAt = 0;
  /** What a look costs; the first may be slow for other reasons. */
  #costMs = 5;

  constructor(path: string, stat: FileStat, kind: CandidateKind, patience: Patience) {
    this.path = path;
    this.kind = kind;
    this.#stat = stat;
    this.#patience = patience;
  }

  get stat(): FileStat {
    return this.#stat;
  }

  /** When it is worth a look: an empty file tells nothing. */
  get dueAt(): number {
    return this.#stat.sizeBytes > 0 ? this.#dueAt : Number.POSITIVE_INFINITY;
  }

  get isDue(): boolean {
    return performance.now() >= this.dueAt;
  }

  /** When it was changed last, by the clock on the wall or since it is watched. */
  get #restedMs(): number {
    return Math.max(performance.now() - this.#changedAt, Date.now() - this.#stat.changedMs);
  }

  updated(path: string, stat: FileStat): void {
    this.path = path;
    if (stat.version === this.#stat.version) return;
    this.#stat = stat;
    this.#changedAt = performance.now();
  }

  /** Looks what the file is. Those that cost much are looked at less often. */
  async look(known: KnownInputs): Promise<Look> {
    const began = performance.now();
    const { version } = this.#stat;
    try {
      return await this.#look(known);
    } catch (error) {
      if (!(error instanceof DaybookError) && systemCode(error) === undefined) throw error;
      // It was renamed just now, and will be found where it is.
      const isGone = systemCode(error) === 'ENOENT';
      const isIncomplete = error instanceof Error && systemCode(error.cause) === 'Z_BUF_ERROR';
      // What it was when it could not be read is no longer there.
      const isOther = statOf(this.path)?.version !== version;
      if (isGone || isOther || (isIncomplete && this.#restedMs < this.#patience.idleMs)) {
        return { kind: 'wait', isPacked: true, stat: this.#stat };
      }
      const { message } = unreadable(this.path, error);
      return { kind: 'unreadable', reason: message, stat: this.#stat };
    } finally {
      const now = performance.now();
      const { pollMs, restMs } = this.#patience;
      this.#costMs = Math.min(now - began, 2 * this.#costMs);
      this.#dueAt = now + Math.max(Math.min(pollMs, restMs), COST_SHARE * this.#costMs);
    }
  }

  async #look(known: KnownInputs): Promise<Look> {
    const isAtRest = this.#restedMs >= this.#patience.restMs;
    const descriptor = openSync(this.path, 'r');
    let reader: Pick<ByteReader, 'read' | 'close'> | undefined;
    try {
      const stat = statOfOpen(descriptor);
      const { identity } = stat;
      const head = Buffer.alloc(MAGIC_BYTES);
      const length = readSync(descriptor, head, 0, MAGIC_BYTES, 0);
      const isPacked = encodingOf(head) !== 'plain';
      const mayBePacked = isPacked || (length < MAGIC_BYTES && beginsPacked(head[0]!));
      const isOther = identity !== this.#stat.identity;
      if (isOther || (mayBePacked && !isAtRest)) return { kind: 'wait', isPacked, stat };
      reader = isPacked ? packedReader(this.path, descriptor) : new OpenReader(descriptor);
      const verdict =
        this.kind === 'present'
          ? ({ kind: 'new', prefix: await prefixOf(reader) } as const)
          : await examine(known, {
              identity,
              foundAt: this.#foundAt,
              reader,
              toItsEnd: isPacked,
              isAtRest,
            });
      // What was written to it meanwhile may have been read in part.
      const isStill = !isPacked || statOf(this.path)?.version === stat.version;
      return isStill ? { ...verdict, isPacked, stat } : { kind: 'wait', isPacked, stat };
    } finally {
      if (reader) reader.close();
      else closeSync(descriptor);
    }
  }
}

/** Whether compressed files begin with this byte. */
function beginsPacked(byte: number): boolean {
  return byte === 0x1f || byte === 0x28 || (byte & 0xf0) === 0x50;
}
