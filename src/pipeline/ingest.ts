import { type Books, booksOf, type FoundRecords } from '../core/books.ts';
import { DaybookError } from '../core/errors.ts';
import { type Job, type JobSpec, loadJob } from '../core/job.ts';
import type { Input } from '../core/source.ts';
import type { Store, StoredInput, Stream } from '../core/store.ts';
import { ContentHash } from './content-hash.ts';
import { type Identity, identify } from './identify.ts';
import type { IngestPart } from './ingest-part.ts';
import { serialParts } from './serial-parts.ts';

/** What to count into a store. */
export interface IngestRequest {
  readonly store: Store;
  readonly stream: Stream;
  /** Opens the decoder of the stream, and the sources of the inputs. */
  readonly job: JobSpec;
  readonly inputs: readonly Input[];
  /** What to do with an input that is known (`again`: count it once more) or was changed (`replace`: count it anew). */
  readonly again?: boolean | undefined;
  readonly replace?: boolean | undefined;
}

export interface IngestOptions {
  readonly signal?: AbortSignal | undefined;
  /** Gets how many bytes of all inputs were read. */
  readonly onProgress?: ((bytes: number) => void) | undefined;
}

/** What became of an input. */
export interface Ingested {
  readonly input: string;
  readonly kind: Identity['kind'] | 'replaced';
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
 * @throws DaybookError `SOURCE_UNREADABLE`, `STORE_UNUSABLE`, `INTERRUPTED`, or `USAGE` where an input was changed;
 *   earlier parts stay committed.
 *
 * @example
 * for await (const { input, books } of ingest({ store, stream, job, inputs }, {})) console.log(input, books.counted);
 */
export async function* ingest(
  request: IngestRequest,
  options: IngestOptions,
): AsyncGenerator<Ingested> {
  const { store, stream, inputs } = request;
  await store.addStream(stream);
  await requireAlike(store, stream);
  let bytesBefore = 0;
  for (const input of inputs) {
    // One after the other, each with a decoder of its own: who an input is may depend on those before it.
    const job = await loadJob(request.job);
    if (!input.replayable) throw onlyOnce(input);
    const known = await store.inputs(stream.name);
    const latest = known.reduce((most, { id }) => Math.max(most, id), 0);
    const identity = await identify(input, job.sources[input.source]!, known, options.signal);
    const onProgress = (bytes: number) => options.onProgress?.(bytesBefore + bytes);
    yield await ingestOne({ ...request, input, job, identity, latest }, { ...options, onProgress });
    bytesBefore += input.sizeBytes ?? 0;
    options.onProgress?.(bytesBefore);
  }
}

/** An input of which it is known who it is. */
interface OneInput extends Omit<IngestRequest, 'job'> {
  readonly input: Input;
  readonly job: Job;
  readonly identity: Identity;
  /** The greatest id of the inputs among which it was looked for. */
  readonly latest: number;
}

async function ingestOne(one: OneInput, options: IngestOptions): Promise<Ingested> {
  const { input, identity, again = false, replace = false, store, stream, latest } = one;
  const { kind, stored, head } = identity;
  if (kind === 'known' && !again)
    return {
      input: input.name,
      kind,
      knownAs: stored!.name,
      books: booksOf([stored!]),
      heldBytes: 0,
    };
  if (kind === 'changed' && !replace && !again) throw changed(input, stored!);
  const goesOn = kind === 'grown' ? stored : undefined;
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
    const own = { stream: stream.name, input: id, name: input.name, head, replaces, latest };
    const committed = await store.commit({ ...own, ...part, digest: hash.digest });
    id = committed.input;
    found.push({ ...part, ...committed, rejected: Object.fromEntries(part.rejected) });
  }
  // Nothing is in it now, or only what is held back.
  if (found.length === 0 && replaced !== undefined) await store.withdraw(replaced);
  return {
    input: input.name,
    kind: replaced === undefined ? kind : 'replaced',
    knownAs: stored?.name,
    books: booksOf(found),
    heldBytes,
  };
}

async function* partsOf(
  { job, input, stream: { fields } }: OneInput,
  goesOn: StoredInput | undefined,
  hash: ContentHash,
  { onProgress, signal }: IngestOptions,
): AsyncGenerator<IngestPart> {
  const { settled, decoder } = goesOn ?? { settled: { position: 0 }, decoder: undefined };
  const from = settled.position;
  yield* serialParts({ job, fields, input, from, decoder, hash, onProgress, signal });
}

/** Events of other columns than those that a stream has would be read as something else. */
async function requireAlike(store: Store, { name, format, fields }: Stream): Promise<void> {
  const stored = (await store.streams()).find((stream) => stream.name === name)!;
  if (stored.format === format && String(stored.fields) === String(fields)) return;
  const described = [stored, { format, fields }].map((stream) =>
    [stream.format, ...stream.fields].join(' '),
  );
  throw new DaybookError(
    'USAGE',
    `the source ${name} of the store is ${described[0]}, not ${described[1]}; give this one another name`,
  );
}

function onlyOnce({ name }: Input): DaybookError {
  return new DaybookError(
    'USAGE',
    `${name} can be read only once, and who it is has to be found out first; put it in a file`,
  );
}

function changed({ name }: Input, { position }: StoredInput): DaybookError {
  return new DaybookError(
    'USAGE',
    `${name} was changed within its first ${position} bytes, which are counted; --replace counts it anew ` +
      'instead, --again counts it besides',
  );
}
