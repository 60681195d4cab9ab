import type { Books } from '../core/books.ts';
import type { Log } from '../core/log.ts';
import type { IdForms } from './id-forms.ts';

/** What became of an input. */
export interface Ingested {
  readonly input: string;
  /** `again`: it was counted besides what is known of it. `refused`: it was changed within what was counted of it, so that nothing of it is counted now. */
  readonly kind: 'new' | 'grown' | 'known' | 'replaced' | 'refused' | 'again';
  /** As which input it is known. */
  readonly knownAs: string | undefined;
  /** Of what was counted now; of a known input, of what was counted before. */
  readonly books: Books;
  /** Bytes of a last record without its end, which is not counted yet: a store of rollups could not take it back. */
  readonly heldBytes: number;
  /** What the ids of the records look like that were read now, where they have some. */
  readonly ids?: IdForms | undefined;
}

/** Notes in a log what became of an input of a source. */
export function noteIngested(log: Log, source: string, { ids, ...ingested }: Ingested): void {
  log[ingested.kind === 'refused' ? 'warn' : 'info']('input', { source, ...ingested });
}
