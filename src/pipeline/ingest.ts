import { type Books, booksOf, type FoundRecords } from '../core/books.ts';
import { DaybookError } from '../core/errors.ts';
import { type Job, type JobSpec, loadJob } from '../core/job.ts';
import type { Input } from '../core/source.ts';
import type { Store, StoredInput, Stream } from '../core/store.ts';
import { ContentHash } from './content-hash.ts';
import { FoundNames } from './found-names.ts';
import { type Identity, identify } from './identify.ts';
import type { IngestPart } from './ingest-part.ts';
import { isWorthLanes, laneParts } from './lane-parts.ts';
import { serialParts } from './serial-parts.ts';

/** What to count into a store. */
export interface IngestRequest {
  readonly store: Store;
  readonly stream: Stream;
  readonly inputs: readonly Input[];
  /** What decodes an input, and gathers its events. */
  readonly jobOf: (input: Input) => JobSpec;
  /** Whether nothing is known yet, so that each input is counted whole, whatever is in others. */
  readonly anew?: boolean | undefined;
  /** What to do with an input that is known (`again`: count it once more) or was changed (`replace`: count it anew). */
  readonly again?: boolean | undefined;
  readonly replace?: boolean | undefined;
}

export interface IngestOptions {
  /** How many cores to use; one unless given. */
  readonly threads?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Gets how many bytes of all inputs were read. */
  readonly onProgress?: ((bytes: number) => void) | undefined;
}

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
}

/**
 * Counts what is new of some inputs into a store, one part at a time.
 *
 * A part's events, rejects and books are committed together: so an ingest that was stopped or failed can simply be run
 * again, and what was committed is not read anew.
 *
 * @throws DaybookError `SOURCE_UNREADABLE`, `STORE_UNUSABLE`, `INTERRUPTED`;
 *   earlier parts stay committed.
 *
 * @example
 * const request = { store, stream, inputs, jobOf: () => job };
 * for await (const { input, books } of ingest(request, {})) console.log(input, books.counted);
 */
export async function* ingest(
  request: IngestRequest,
  options: IngestOptions,
): AsyncGenerator<Ingested> {
  const { store, stream, inputs } = request;
  await store.addStream(stream);
  const known = new Map((await store.inputs(stream.name)).map((stored) => [stored.id, stored]));
  // As long as nothing was read, it may be read in another way.
  if (known.size === 0) await store.amend(stream);
  await requireSame(store, stream);
  const queue = [...inputs];
  const found = new Set<number>();
  const names = new FoundNames();
  let bytesBefore = 0;
  let latest = [...known.keys()].reduce((most, id) => Math.max(most, id), 0);
  const jobs = new Jobs();
  // One after the other: who an input is may depend on those before it.
  for (const [turn, input] of queue.entries()) {
    const spec = request.jobOf(input);
    const job = await jobs.open(spec);
    const source = job.sources[input.source]!;
    const others = request.anew ? [] : [...known.values()];
    let identity = await identify(input, source, others, options.signal);
    if (identity.kind === 'changed' && turn < inputs.length) {
      queue.push(input); // What had its name before may be among those behind it.
      continue;
    }
    if (identity.kind === 'changed' && found.has(identity.stored!.id))
      identity = { ...identity, kind: 'new', stored: undefined };
    const onProgress = (bytes: number) => options.onProgress?.(bytesBefore + bytes);
    const one = { ...request, input, job, spec, identity, latest };
    const { id, ...ingested } = await ingestOne(one, { ...options, onProgress });
    if (ingested.kind === 'replaced') known.delete(identity.stored!.id);
    if (id !== undefined) {
      known.set(id, await store.input(id));
      latest = Math.max(latest, id);
    }
    const foundId = id ?? identity.stored?.id;
    if (foundId !== undefined && ingested.kind !== 'refused') {
      found.add(foundId);
      const stored = known.get(foundId); // gone where it was replaced by nothing
      if (stored) names.add(stored, input.name);
    }
    yield ingested;
    bytesBefore += input.sizeBytes ?? 0;
    options.onProgress?.(bytesBefore);
  }
  await names.tell(store, [...known.values()]);
}

/** Opens jobs; one whose decoder remembers nothing serves all inputs that are read alike. */
class Jobs {
  #last: { readonly spec: string; readonly job: Job } | undefined;

  async open(spec: JobSpec): Promise<Job> {
    const key = JSON.stringify(spec);
    if (this.#last?.spec !== key || this.#last.job.decoder.save !== undefined)
      this.#last = { spec: key, job: await loadJob(spec) };
    return this.#last.job;
  }
}

/** @throws DaybookError `USAGE` - The records of a stream are not all read alike. */
export async function requireSame(store: Store, stream: Stream): Promise<void> {
  const there = (await store.streams()).find(({ name }) => name === stream.name)!;
  const reading = ({ format, options, fields }: Stream) =>
    JSON.stringify({ format, options, fields });
  if (reading(there) === reading(stream)) return;
  throw new DaybookError(
    'USAGE',
    `the source ${stream.name} was read with other settings (${reading(there)}); where the new ones only make records ` +
      'readable that were rejected, daybook rejects --replay takes them over; else give the source another name, or use ' +
      'another store',
  );
}

/** An input of which it is known who it is. */
interface OneInput extends IngestRequest {
  readonly input: Input;
  readonly job: Job;
  readonly spec: JobSpec;
  readonly identity: Identity;
  /** The greatest id of the inputs among which it was looked for. */
  readonly latest: number;
}

/** Counts what is new of an input. Returns also what it is in the store, if something of it was. */
async function ingestOne(
  one: OneInput,
  options: IngestOptions,
): Promise<Ingested & { readonly id: number | undefined }> {
  const { input, identity, again = false, replace = false, store, stream, latest } = one;
  const { kind, stored } = identity;
  const refused = kind === 'changed' && !replace && !again;
  if (refused || (kind === 'known' && !again)) {
    const books = booksOf(refused ? [] : [stored!]);
    const named = { input: input.name, knownAs: stored!.name };
    return { ...named, kind: refused ? 'refused' : 'known', books, heldBytes: 0, id: undefined };
  }
  const goesOn = kind === 'grown' || kind === 'begun' ? stored : undefined;
  const isUnfinished = kind === 'known' || goesOn?.isUnfinished;
  const replaced = kind === 'changed' && replace ? stored!.id : undefined;
  const hash = goesOn ? identity.hash : new ContentHash();
  const found: FoundRecords[] = [];
  let id = goesOn?.id;
  let heldBytes = 0;
  for await (const part of partsOf(one, goesOn, hash, options)) {
    if (part.isRest && store.keep === 'rollups') {
      heldBytes = part.to - part.from; // could not be taken back when more comes
      break;
    }
    const replaces = found.length === 0 ? replaced : undefined;
    const head = identity.headUpTo(part.to);
    const own = {
      stream: stream.name,
      input: id,
      name: input.name,
      head,
      replaces,
      latest,
      isUnfinished,
    };
    const committed = await store.commit({ ...own, ...part, digest: hash.digest });
    id = committed.input;
    found.push({ ...part, ...committed, rejected: Object.fromEntries(part.rejected) });
  }
  if (id !== undefined && isUnfinished) await store.finish(id);
  // Nothing is in it now, or only what is held back.
  if (found.length === 0 && replaced !== undefined) await store.withdraw(replaced);
  return {
    input: input.name,
    kind: replaced !== undefined ? 'replaced' : kind === 'new' || kind === 'grown' ? kind : 'again',
    knownAs: stored?.name,
    books: booksOf(found),
    heldBytes,
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
