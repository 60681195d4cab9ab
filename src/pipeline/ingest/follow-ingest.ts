import { resolve } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { DaybookError } from '../../core/errors.ts';
import type { JobSpec } from '../../core/job.ts';
import type { InputMark, LiveInputs } from '../../core/live-source.ts';
import { type Log, SILENT } from '../../core/log.ts';
import type { Store, StoredInput, Stream } from '../../core/store.ts';
import { CountedInputs } from './counted-inputs.ts';
import { requireSame } from './ingest.ts';
import { type Ingested, noteIngested } from './ingested.ts';
import { linesSettled } from './lines-settled.ts';
import { ProgressMeter, type SourceProgress } from './source-progress.ts';
import { StreamIngest } from './stream-ingest.ts';
import { unfinishedNotes } from './unfinished-notes.ts';

/** So many inputs of one name may go on: the last ones that were called so. */
const MOST_OPEN = 2;
/** How long work waits at most for more of it, unless told otherwise. */
const USUAL_WAIT_MS = 1000;

/** What to count into a store as it comes. */
export interface FollowIngestRequest {
  readonly store: Store;
  readonly stream: Stream;
  readonly live: LiveInputs;
  /** What decodes an input of this name. */
  readonly jobOf: (input: { readonly name: string }) => JobSpec;
}

export interface FollowIngestOptions {
  /** Stops when it is aborted, once all that was decoded is in the store. */
  readonly signal: AbortSignal;
  /** Tells a person what went wrong while the others go on. */
  readonly onNote: (message: string) => void;
  /** Is told of inputs that come and are counted, of each commit, and of what went wrong. */
  readonly log?: Log | undefined;
  /** Is told of each commit, by the id of its input. */
  readonly onCommit?: ((input: number) => void) | undefined;
  /** Is told how far all is counted, whenever that is further; not before all inputs there are were read from. */
  readonly onProgress?: ((progress: SourceProgress) => void) | undefined;
  /** After how long what is decoded is committed, who is silent is looked for and what failed is tried again, ms. */
  readonly waitMs?: number;
}

/**
 * Counts what comes of inputs that grow into a store, until it is told to stop.
 *
 * What is decoded is committed about once a second, and sooner where it is much, together with how far its input was
 * read: so who goes on after a kill, following or not, counts every record once. A commit that fails is tried again
 * and again; nothing more is read meanwhile.
 *
 * @returns What was counted of each input in this run.
 * @throws DaybookError `USAGE`, `SOURCE_UNREADABLE`, or `STORE_UNUSABLE` where somebody else goes on with an input.
 */
export async function followIngest(
  request: FollowIngestRequest,
  {
    signal,
    log = SILENT,
    onCommit,
    onProgress,
    waitMs = USUAL_WAIT_MS,
    ...options
  }: FollowIngestOptions,
): Promise<Ingested[]> {
  const { store, stream, live } = request;
  const onNote = (message: string) => {
    log.warn('note', { source: stream.name, message });
    options.onNote(message);
  };
  if (live.words.includes('-'))
    throw new DaybookError(
      'USAGE',
      'standard input cannot be read again after a stop; follow files',
    );
  await store.addStream(stream);
  await requireSame(store, stream);
  const stored = await store.inputs(stream.name);
  for (const note of unfinishedNotes(stored)) onNote(note);
  const source = await live.open(await marksOf(store, stored, live.words), onNote);
  try {
    const counted = new CountedInputs(store, stream, stored);
    const retry = retrying(waitMs, signal, onNote);
    const lastTimes = stored.map(({ lastTime }) => lastTime ?? Number.NEGATIVE_INFINITY);
    const meter = new ProgressMeter(lastTimes, Date.now);
    const following = new StreamIngest({
      ...{ ...request, source, counted, meter, retry, waitMs },
      ...{ signal, onNote, log, onCommit, onProgress },
    });
    await following.run();
    const { ingested } = following;
    for (const one of ingested) noteIngested(log, stream.name, one);
    return ingested;
  } finally {
    await source.close();
  }
}

/** How far inputs were read. Of files that are followed by their names, rotated pieces may have to be found. */
async function marksOf(
  store: Store,
  stored: readonly StoredInput[],
  words: readonly string[],
): Promise<InputMark[]> {
  const latest = new Set<StoredInput>();
  for (const word of words) {
    const named = stored.filter(({ name }) => resolve(name) === resolve(word));
    const newest = named.sort((a, b) => b.id - a.id).slice(0, MOST_OPEN);
    for (const input of newest) latest.add(input);
  }
  const begun = stored.filter(({ settled }) => settled.position > 0);
  const lines = await Promise.all(begun.map((input) => linesSettled(store, input)));
  return begun.map((input, rank) => ({
    ...{ rank, name: input.name, identity: '', ...input.settled, start: input.head },
    ...{ lines: lines[rank]!, ended: !latest.has(input) },
  }));
}

/** Does something until it succeeds, or a signal says that nobody waits for it. */
function retrying(
  waitMs: number,
  signal: AbortSignal,
  onNote: (message: string) => void,
): (work: () => Promise<void>) => Promise<void> {
  let told = '';
  return async (work) => {
    for (;;) {
      try {
        await work();
        told = '';
        return;
      } catch (error) {
        // What the system says may pass, such as that the disk is full; what we say will not.
        const isOurs = !(error instanceof DaybookError) || error.cause === undefined;
        if (signal.aborted || isOurs) throw error;
        if (error.message !== told) onNote(`${error.message}; trying again`);
        told = error.message;
      }
      await setTimeout(waitMs, undefined, { signal }).catch(() => {});
    }
  };
}
