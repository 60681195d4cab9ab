import { type Books, booksOf, describeBooks } from '../core/books.ts';
import { withoutControls } from '../core/cell.ts';
import type { DaybookError } from '../core/errors.ts';
import type { Ingested } from '../pipeline/ingest/ingested.ts';

/** What became of an input, on a line. */
export function described({ kind, books, heldBytes, ...names }: Ingested): string {
  const [input, knownAs] = [names.input, names.knownAs ?? ''].map(withoutControls);
  if (kind === 'known') {
    const name = knownAs === input ? '' : `, as ${knownAs}`;
    return `${input}: already counted: ${grouped(books.counted)}${name}`;
  }
  if (kind === 'refused') return `${input}: refused: it was changed`;
  if (kind === 'failed' && books.read === 0) return `${input}: failed`;
  const held = heldBytes > 0 ? `; a last record without its end waits (${heldBytes} bytes)` : '';
  return `${input}: ${KINDS[kind]}${describeBooks(books)}${held}`;
}

/** What is said in front of the books. */
const KINDS = {
  ...{ new: '', grown: 'grown: ', again: 'again: ', replaced: 'replaced: ' },
  failed: 'failed after ',
} as const;

function grouped(count: number): string {
  return count.toLocaleString('en-US');
}

/** Which inputs may have records that should count now that others were replaced, but were not kept. */
export function lostNotes(inputs: readonly string[]): string[] {
  const why =
    'its duplicates were not kept (by an older Daybook, or after a prune or an erasure); those of what was replaced now do not count ' +
    'from it, until its file is counted with --again';
  return inputs.map((name) => `${withoutControls(name)}: ${why}`);
}

/** The books of what was counted now. */
export function booksTogether(done: readonly Ingested[]): Books {
  const counted = done.filter(({ kind }) => kind !== 'known').map(({ books }) => books);
  return booksOf(counted.map((books) => ({ ...books, lines: books.read, blank: 0 })));
}

/** Why inputs were not counted, or not to their end, a line each; those that were changed in one. */
export function failureLines(
  sources: readonly { readonly failures: readonly DaybookError[] }[],
  done: readonly Ingested[],
): string[] {
  const unfound = sources.flatMap(({ failures }) => failures);
  const failed = done.flatMap(({ failure }) => failure ?? []);
  const lines = [...unfound, ...failed].flatMap((failure) => failure.lines);
  const refused = done.filter(({ kind }) => kind === 'refused').map(({ input }) => input);
  if (refused.length === 0) return lines;
  const changed =
    `${refused.join(', ')}: not what was counted under this name before, and not more of it; where it is another log, ` +
    'such as one that was rotated, --again counts it besides; where it was put right, --replace takes back what was ' +
    'counted of it and counts it anew';
  return [...lines, changed];
}
