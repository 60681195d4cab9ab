import { booksOf, type FoundRecords } from '../../core/books.ts';
import type { DaybookError } from '../../core/errors.ts';
import type { Job, JobSpec } from '../../core/job.ts';
import type { Input } from '../../core/source.ts';
import { readingOf, type StoredInput } from '../../core/store.ts';
import { ContentHash } from '../read/content-hash.ts';
import type { Identity } from '../read/identify.ts';
import { mustWait } from './held-rest.ts';
import { IdForms } from './id-forms.ts';
import type { IngestOptions, IngestRequest } from './ingest.ts';
import type { IngestPart } from './ingest-part.ts';
import { failureOf, type Ingested } from './ingested.ts';
import { isWorthLanes, laneParts } from './lane-parts.ts';
import { linesSettled } from './lines-settled.ts';
import { serialParts } from './serial-parts.ts';

/** An input of which it is known who it is. */
interface OneInput extends IngestRequest {
  readonly input: Input;
  readonly job: Job;
  readonly spec: JobSpec;
  readonly identity: Identity;
  /** The greatest id of the inputs among which it was looked for. */
  readonly latest: number;
}

/**
 * Counts what is new of an input. Where it cannot be read to its end, what was committed before stays.
 *
 * @returns Also what it is in the store, if something of it was.
 * @throws DaybookError `STORE_UNUSABLE` or `INTERRUPTED`
 */
export async function ingestInput(
  one: OneInput,
  options: IngestOptions,
): Promise<Ingested & { readonly id: number | undefined }> {
  const { input, identity, again = false, replace = false, store, stream, latest } = one;
  const { kind, stored } = identity;
  // Where it was stopped when all was counted but this.
  if (kind === 'known' && stored!.isReplacing) await store.finish(stored!.id);
  const refused = kind === 'changed' && !replace && !again;
  if (refused || (kind === 'known' && !again)) {
    const books = booksOf(refused ? [] : [stored!]);
    const named = { input: input.name, knownAs: stored!.name };
    return { ...named, kind: refused ? 'refused' : 'known', books, heldBytes: 0, id: undefined };
  }
  const goesOn = kind === 'grown' || kind === 'begun' ? stored : undefined;
  const isUnfinished = kind === 'known' || goesOn?.isUnfinished;
  const replaced = kind === 'changed' && replace ? identity.outdated : [];
  const isReplacing = replaced.length > 0 || goesOn?.isReplacing;
  const hash = goesOn ? identity.hash : new ContentHash();
  const found: FoundRecords[] = [];
  let id = goesOn?.id;
  let heldBytes = 0;
  let lines = goesOn ? await linesSettled(store, goesOn) : 0;
  const ids = stream.fields.includes('id') ? new IdForms() : undefined;
  let failure: DaybookError | undefined;
  try {
    for await (const part of partsOf(one, goesOn, hash, options)) {
      if (mustWait(store, part)) {
        heldBytes = part.to - part.from;
        break;
      }
      ids?.add(part.events, input.name, lines);
      lines += part.lines;
      const replaces = found.length === 0 ? replaced : [];
      const head = identity.headUpTo(part.to);
      const own = { stream: stream.name, input: id, name: input.name, head, latest };
      const place = { replaces, isReplacing: replaces.length > 0 };
      const reading = readingOf(stream);
      const state = { reading, digest: hash.digest, isUnfinished };
      const committed = await store.commit({ ...own, ...place, ...part, ...state });
      id = committed.input;
      const { from, to } = part;
      const { counted, duplicate, conflict } = committed;
      const stretch = { from, to, counted, duplicate, conflict };
      options.log?.debug('committed', { source: stream.name, input: input.name, ...stretch });
      found.push({ ...part, ...committed, rejected: Object.fromEntries(part.rejected) });
    }
    if (id !== undefined && (isUnfinished || isReplacing)) await store.finish(id);
    // Nothing is in it now, or only what is held back.
    if (found.length === 0) for (const input of replaced) await store.withdraw(input);
  } catch (error) {
    failure = failureOf(error);
  }
  const counted = kind === 'new' || kind === 'grown' ? kind : 'again';
  return {
    input: input.name,
    kind: failure ? 'failed' : replaced.length > 0 ? 'replaced' : counted,
    failure,
    knownAs: stored?.name,
    books: booksOf(found),
    heldBytes,
    ids,
    id,
  };
}

/** Decodes what is new of an input, on lanes of their own where that is worth it. */
function partsOf(
  { job, spec, input, stream: { fields } }: OneInput,
  goesOn: StoredInput | undefined,
  hash: ContentHash,
  { threads = 1, onProgress, signal }: IngestOptions,
): AsyncGenerator<IngestPart> {
  const { settled, decoder } = goesOn ?? { settled: { position: 0 }, decoder: undefined };
  const from = settled.position;
  const options = { job, fields, input, from, decoder, hash, onProgress, signal };
  if (!isWorthLanes(options, threads)) return serialParts(options);
  // This thread has its hands full with what they bring.
  return laneParts({ ...options, spec, lanes: threads - 1 });
}
