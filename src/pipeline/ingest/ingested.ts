import { type Books, booksOf } from '../../core/books.ts';
import { DaybookError } from '../../core/errors.ts';
import type { Log } from '../../core/log.ts';
import type { Input } from '../../core/source.ts';
import type { IdForms } from './id-forms.ts';

/** What became of an input. */
export interface Ingested {
  readonly input: string;
  /**
   * `again`: it was counted besides what is known of it. `refused`: it was changed within what was counted of it, so that
   * nothing of it is counted now. `failed`: it cannot be read, or not to its end.
   */
  readonly kind: 'new' | 'grown' | 'known' | 'replaced' | 'refused' | 'again' | 'failed';
  /** Why it failed. */
  readonly failure?: DaybookError | undefined;
  /** As which input it is known. */
  readonly knownAs: string | undefined;
  /** Of what was counted now; of a known input, of what was counted before. */
  readonly books: Books;
  /** Bytes of a last record without its end, which is not counted yet: a store of rollups could not take it back. */
  readonly heldBytes: number;
  /** What the ids of the records look like that were read now, where they have some. */
  readonly ids?: IdForms | undefined;
}

/**
 * What went wrong with an input while others go on.
 *
 * @throws whatever else it is
 */
export function failureOf(error: unknown): DaybookError {
  if (error instanceof DaybookError && OF_INPUTS.has(error.code)) return error;
  throw error;
}

const OF_INPUTS: ReadonlySet<DaybookError['code']> = new Set(['SOURCE_UNREADABLE', 'USAGE']);

/**
 * An input of which nothing could be read.
 *
 * @throws what went wrong, if it is not the input
 */
export function notCounted({ name: input }: Pick<Input, 'name'>, error: unknown): Ingested {
  const failure = failureOf(error);
  return { input, kind: 'failed', failure, knownAs: undefined, books: booksOf([]), heldBytes: 0 };
}

/** Notes in a log what became of an input of a source. */
export function noteIngested(
  log: Log,
  source: string,
  { ids, failure, ...ingested }: Ingested,
): void {
  const { kind } = ingested;
  const level = kind === 'failed' ? 'error' : kind === 'refused' ? 'warn' : 'info';
  log[level]('input', { source, ...ingested, reason: failure?.lines });
}
