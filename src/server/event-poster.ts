import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { DaybookError } from '../core/errors.ts';
import type { PostingWords } from '../open/open-posting.ts';
import type { PostAnswer, PostRequest } from '../pipeline/ingest/event-writer.ts';
import { NO_PROGRESS, type SourceProgress } from '../pipeline/ingest/source-progress.ts';
import {
  EVENT_WORKER,
  type EventFailure,
  type EventWorkerAnswer,
  type EventWorkerData,
  type EventWorkerRequest,
  eventWorker,
} from './event-worker.ts';

/** Bytes of bodies that wait to be kept, or are on their way in; more are sent away. */
const MOST_BYTES = 64 << 20;

/** What the thread is asked, without the number of the question. */
type Asked = PostRequest | { readonly erase: string };

type Waiting = PromiseWithResolvers<PostAnswer | number>;

/** Has events that are posted kept by a thread of its own: nobody else waits for the disk. */
export class EventPoster {
  /** Rejects when the thread cannot go on. */
  readonly failure: Promise<never>;
  /** Is told how long each commit took, ms. */
  onCommit: (ms: number) => void = () => {};
  readonly #words: PostingWords;
  readonly #onNote: (message: string) => void;
  readonly #waiting = new Map<number, Waiting>();
  readonly #failed = Promise.withResolvers<never>();
  readonly #progress: Map<string, SourceProgress>;
  /** Inputs of which there is more, and of which sources they are. */
  #changed = new Map<number, string>();
  #worker: Worker | undefined;
  #error: Error | undefined;
  #latestId = 0;
  #heldBytes = 0;

  /** @param onNote - Tells a person what went wrong with a source while the others go on. */
  constructor(words: PostingWords, onNote: (message: string) => void) {
    this.#words = words;
    this.#onNote = onNote;
    this.#progress = new Map(words.sources?.map(([name]) => [name, NO_PROGRESS]));
    this.failure = this.#failed.promise;
    this.failure.catch(() => {}); // Whoever waits for it is told, too.
  }

  /** Begins to follow the sources; without it the thread begins with what is posted first. */
  start(): void {
    this.#threadOf();
  }

  /** Takes note of bytes that are on their way in. Returns whether there is room for them. */
  hold(bytes: number): boolean {
    if (this.#heldBytes + bytes > MOST_BYTES) return false;
    this.#heldBytes += bytes;
    return true;
  }

  /** Takes note of bytes that were held and are not any more. */
  release(bytes: number): void {
    this.#heldBytes -= bytes;
  }

  /**
   * Keeps events, and settles when they are on the disk.
   *
   * @throws DaybookError `USAGE` or `STORE_UNUSABLE`
   */
  async post(request: PostRequest): Promise<PostAnswer> {
    return (await this.#ask(request)) as PostAnswer;
  }

  /**
   * Erases a subject, as a store does. Returns how many events.
   *
   * @throws DaybookError `STORE_UNUSABLE`
   */
  async erase(subject: string): Promise<number> {
    return (await this.#ask({ erase: subject })) as number;
  }

  /** How far a source is that is followed; undefined of others. */
  progressOf(source: string): SourceProgress | undefined {
    return this.#progress.get(source);
  }

  /** The ids of inputs of which more was counted since this was asked, each with its source. */
  takeChanged(): ReadonlyMap<number, string> {
    const changed = this.#changed;
    this.#changed = new Map();
    return changed;
  }

  /** Ends the thread, once all that it was given is kept. */
  async close(): Promise<void> {
    if (!this.#worker || this.#error) return;
    const exit = once(this.#worker, 'exit');
    this.#worker.postMessage({ close: true } satisfies EventWorkerRequest);
    await exit;
  }

  async #ask(asked: Asked): Promise<PostAnswer | number> {
    if (this.#error) throw this.#error;
    const id = ++this.#latestId;
    const waiting: Waiting = Promise.withResolvers();
    this.#waiting.set(id, waiting);
    this.#threadOf().postMessage({ ...asked, id } satisfies EventWorkerRequest);
    return waiting.promise;
  }

  #threadOf(): Worker {
    if (this.#worker) return this.#worker;
    const workerData: EventWorkerData = { ...this.#words, mark: EVENT_WORKER };
    const worker = new Worker(eventWorker, { workerData });
    worker.on('message', (answers: EventWorkerAnswer[]) => {
      for (const answer of answers) this.#take(answer);
    });
    worker.on('error', (error) => this.#fail(error as Error));
    this.#worker = worker;
    return worker;
  }

  #take(told: EventWorkerAnswer): void {
    if ('note' in told) this.#onNote(told.note);
    else if ('commitMs' in told) this.onCommit(told.commitMs);
    else if ('changed' in told) this.#changed.set(told.changed, told.source);
    else if ('progress' in told) this.#note(told.source, told.progress);
    else if ('answer' in told) this.#settle(told.id).resolve(told.answer);
    else if ('erased' in told) this.#settle(told.id).resolve(told.erased);
    else if (told.id === undefined) this.#fail(errorOf(told));
    else this.#settle(told.id).reject(errorOf(told));
  }

  #note(source: string, progress: SourceProgress | undefined): void {
    if (progress) this.#progress.set(source, progress);
    else this.#progress.delete(source);
  }

  #settle(id: number): Waiting {
    const waiting = this.#waiting.get(id)!;
    this.#waiting.delete(id);
    return waiting;
  }

  #fail(error: Error): void {
    this.#error = error;
    this.#failed.reject(error);
    for (const waiting of this.#waiting.values()) waiting.reject(error);
    this.#waiting.clear();
  }
}

function errorOf({ failed, code }: EventFailure): Error {
  if (code) return new DaybookError(code, failed);
  const error = new Error(failed);
  error.stack = failed;
  return error;
}
