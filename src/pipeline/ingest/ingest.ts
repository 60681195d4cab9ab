import { DaybookError } from '../../core/errors.ts';
import { type Job, type JobSpec, loadJob } from '../../core/job.ts';
import { type Log, SILENT } from '../../core/log.ts';
import type { Input } from '../../core/source.ts';
import { readingOf, type Store, type StoredInput, type Stream } from '../../core/store.ts';
import { type Identity, identify } from '../read/identify.ts';
import { FoundNames } from './found-names.ts';
import { ingestInput } from './ingest-input.ts';
import { type Ingested, notCounted, noteIngested } from './ingested.ts';

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
  /** Is told of each input, and of each commit. */
  readonly log?: Log | undefined;
}

/**
 * Counts what is new of some inputs into a store, one part at a time.
 *
 * A part's events, rejects and books are committed together: so an ingest that was stopped or failed can simply be run
 * again, and what was committed is not read anew. An input that cannot be read is told as such, and others go on.
 *
 * @throws DaybookError `STORE_UNUSABLE`, `INTERRUPTED`, or `USAGE` where the stream was read in another way; earlier parts
 *   stay committed.
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
  const { log = SILENT } = options;
  await store.addStream(stream);
  const run = new IngestRun(request, options);
  await run.look();
  await requireSame(store, stream);
  const queue = [...inputs];
  // One after the other: who an input is may depend on those before it.
  for (const [turn, input] of queue.entries()) {
    const counted = await run.count(input, turn < inputs.length);
    if (counted === undefined) {
      queue.push(input);
      continue;
    }
    for (const ingested of counted) {
      noteIngested(log, stream.name, ingested);
      yield ingested;
    }
    run.passed(input);
  }
  await run.tellNames();
}

/** The inputs of one run, which are counted one after the other, and what the store has by then. */
class IngestRun {
  readonly #request: IngestRequest;
  readonly #options: IngestOptions;
  #known = new Map<number, StoredInput>();
  /** Those that were met in this run, whatever they are called. */
  readonly #found = new Set<number>();
  readonly #names = new FoundNames();
  #latest = 0;
  #jobs = new Jobs();
  #bytesBefore = 0;

  constructor(request: IngestRequest, options: IngestOptions) {
    this.#request = request;
    this.#options = options;
  }

  /** Looks what the store has. */
  async look(): Promise<void> {
    const { store, stream } = this.#request;
    const inputs = await store.inputs(stream.name);
    this.#known = new Map(inputs.map((stored) => [stored.id, stored]));
    this.#latest = inputs.reduce((most, { id }) => Math.max(most, id), this.#latest);
  }

  /**
   * Counts what is new of an input, and goes on with counting it besides where that was stopped. What goes wrong with it
   * is told by what is returned.
   *
   * @param mayWait - Whether there are others behind it.
   * @returns Undefined where it is better counted behind all others.
   */
  async count(input: Input, mayWait: boolean): Promise<Ingested[] | undefined> {
    const first = await this.#countOnce(input, mayWait);
    if (first === undefined) return undefined;
    const second = first.isBegun ? await this.#countOnce(input, false) : undefined;
    return [first, second].flatMap((counted) => counted?.ingested ?? []);
  }

  async #countOnce(input: Input, mayWait: boolean): Promise<CountedOnce | undefined> {
    const counted = await this.#tryInput(input, mayWait).catch((error) => ({
      ingested: notCounted(input, error),
      isBegun: false,
    }));
    if (counted?.ingested.kind === 'failed') {
      this.#names.addFailed(input.name);
      await this.look();
      this.#jobs = new Jobs(); // Who knows what its decoder remembers.
    }
    return counted;
  }

  /** Takes note that an input is done with. */
  passed({ sizeBytes = 0 }: Input): void {
    this.#bytesBefore += sizeBytes;
    this.#options.onProgress?.(this.#bytesBefore);
  }

  /** Has the store call inputs as they were found. */
  tellNames(): Promise<void> {
    return this.#names.tell(this.#request.store, [...this.#known.values()]);
  }

  async #tryInput(input: Input, mayWait: boolean): Promise<CountedOnce | undefined> {
    const { jobOf, anew = false } = this.#request;
    const { onProgress, signal } = this.#options;
    const spec = jobOf(input);
    const job = await this.#jobs.open(spec);
    const known = anew ? [] : [...this.#known.values()];
    let identity = await identify(input, job.sources[input.source]!, known, signal);
    // What had its name before may be among those behind it.
    if (identity.kind === 'changed' && mayWait) return undefined;
    if (identity.kind === 'changed' && this.#found.has(identity.stored!.id))
      identity = { ...identity, kind: 'new', stored: undefined };
    const outdated = identity.outdated.filter((id) => !this.#found.has(id));
    identity = { ...identity, outdated };
    const one = { ...this.#request, input, job, spec, identity, latest: this.#latest };
    const { id, ...ingested } = await ingestInput(one, {
      ...this.#options,
      onProgress: (bytes) => onProgress?.(this.#bytesBefore + bytes),
    });
    await this.#note(ingested, identity, id);
    return { ingested, isBegun: identity.isBegun === true && ingested.kind === 'grown' };
  }

  /** @param id - The input that it is in the store now, if something of it was counted. */
  async #note(
    { kind, input }: Omit<Ingested, 'id'>,
    { stored, outdated }: Identity,
    id: number | undefined,
  ): Promise<void> {
    if (kind === 'replaced') for (const one of outdated) this.#known.delete(one);
    if (id !== undefined) {
      this.#known.set(id, await this.#request.store.input(id));
      this.#latest = Math.max(this.#latest, id);
    }
    if (kind === 'refused') return;
    const found = id ?? stored?.id;
    if (found !== undefined) this.#found.add(found);
    // What was replaced by nothing is gone.
    if (kind !== 'failed') this.#names.add(input, this.#known.get(found ?? NaN));
  }
}

/** What became of an input, and whether counting it besides is to be gone on with. */
interface CountedOnce {
  readonly ingested: Ingested;
  readonly isBegun: boolean;
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
  if (readingOf(there) === readingOf(stream)) return;
  throw new DaybookError(
    'USAGE',
    `the source ${stream.name} was read with other settings (${readingOf(there)}); where the new ones only make records ` +
      'readable that were rejected, daybook rejects --replay takes them over; else give the source another name, or use ' +
      'another store',
  );
}
