import { setImmediate as eventLoopTurn } from 'node:timers/promises';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { DaybookError, type FAILURES } from '../core/errors.ts';
import type { Store } from '../core/store.ts';
import { type OpenedPosting, openPosting, type PostingWords } from '../open/open-posting.ts';
import { EventWriter, type PostAnswer, type PostRequest } from '../pipeline/ingest/event-writer.ts';
import { followIngest } from '../pipeline/ingest/follow-ingest.ts';
import type { SourceProgress } from '../pipeline/ingest/source-progress.ts';

/** This file, for `new Worker`: a path that both the sources and the build find. */
export const eventWorker: URL = new URL(import.meta.url);

/** Marks our own workers: an application may import this file in one of its own. */
export const EVENT_WORKER = 'daybook events';

/** What a worker is told when it is made. */
export interface EventWorkerData extends PostingWords {
  readonly mark: typeof EVENT_WORKER;
}

/** What it is told then: events to keep, somebody to erase, or to finish. */
export type EventWorkerRequest =
  | (PostRequest & { readonly id: number })
  | { readonly id: number; readonly erase: string }
  | { readonly close: true };

/** A failure as plain data; one that is no `DaybookError` keeps its stack as text. */
export interface EventFailure {
  readonly failed: string;
  readonly code: keyof typeof FAILURES | undefined;
}

/**
 * What it answers, those of a turn in one message; a failure without an id is its end. And what it tells of itself: the id of an input of which there is
 * more in the store, and how far a source is, undefined where it is not followed any more.
 */
export type EventWorkerAnswer =
  | { readonly id: number; readonly answer: PostAnswer }
  | { readonly id: number; readonly erased: number }
  | (EventFailure & { readonly id?: number })
  | { readonly note: string }
  | { readonly commitMs: number }
  | { readonly source: string; readonly changed: number }
  | { readonly source: string; readonly progress: SourceProgress | undefined };

/** Bodies that are committed together, unless one alone is longer. */
const GROUP_BYTES = 8 << 20;

const data = workerData as EventWorkerData | null;
if (data?.mark === EVENT_WORKER) await serve(parentPort!, data);

/** Keeps what is posted, and what comes of the sources, until it is told to finish. */
async function serve(port: MessagePort, words: PostingWords): Promise<void> {
  const closing = new AbortController();
  const waiting: (PostRequest & { readonly id: number })[] = [];
  const erasures: { readonly id: number; readonly erase: string }[] = [];
  let wake = () => {};
  port.on('message', (request: EventWorkerRequest) => {
    if ('close' in request) closing.abort();
    else if ('erase' in request) erasures.push(request);
    else waiting.push(request);
    wake();
  });
  const more = () =>
    new Promise<void>((resolve) => {
      wake = resolve;
    });
  // What is said in a turn is told at once: to wake the other thread takes longer than to read it.
  let said: EventWorkerAnswer[] = [];
  const tell = () => {
    if (said.length > 0) port.postMessage(said);
    said = [];
  };
  const say = (answer: EventWorkerAnswer) => {
    if (said.push(answer) === 1) setImmediate(tell);
  };
  try {
    const posting = await openPosting(words);
    timeCommits(posting.store, (commitMs) => say({ commitMs }));
    try {
      const { name: source } = posting.stream;
      const onCommit = (changed: number) => say({ source, changed });
      const writer = new EventWriter({ ...posting, now: Date.now, onCommit });
      const following = followAll(posting, closing.signal, say);
      while (waiting.length + erasures.length > 0 || !closing.signal.aborted) {
        if (waiting.length + erasures.length === 0) await more();
        await eventLoopTurn(); // Others that came meanwhile are kept with it.
        await writeSome(writer, waiting, say);
        // Behind what came before: nobody comes back who is erased.
        for (const { id, erase } of waiting.length === 0 ? erasures.splice(0) : [])
          await settle(id, async () => ({ id, erased: await posting.store.erase(erase) }), say);
      }
      await following;
    } finally {
      await posting.store.close();
    }
  } catch (error) {
    say(failureOf(error));
  } finally {
    tell();
    port.close();
  }
}

/** Writes what waits, or the first of it, in one commit. */
async function writeSome(
  writer: EventWriter,
  waiting: (PostRequest & { readonly id: number })[],
  say: (answer: EventWorkerAnswer) => void,
): Promise<void> {
  let count = 0;
  for (let bytes = 0; count < waiting.length && bytes < GROUP_BYTES; count++)
    bytes += waiting[count]!.bytes.length;
  const group = waiting.splice(0, count);
  const answers = await writer.write(group);
  for (const [i, { id }] of group.entries()) {
    const answer = answers[i]!;
    say(answer instanceof DaybookError ? { id, ...failureOf(answer) } : { id, answer });
  }
}

/** Does something, and answers with what comes of it. */
async function settle(
  id: number,
  work: () => Promise<EventWorkerAnswer>,
  say: (answer: EventWorkerAnswer) => void,
): Promise<void> {
  try {
    say(await work());
  } catch (error) {
    if (!(error instanceof DaybookError)) throw error;
    say({ id, ...failureOf(error) });
  }
}

/** Follows the sources; one that fails is told of and left alone, the others go on. */
async function followAll(
  { store, sources }: OpenedPosting,
  signal: AbortSignal,
  say: (answer: EventWorkerAnswer) => void,
): Promise<void> {
  const following = sources.map(async ({ stream, jobOf, live }) => {
    const { name: source } = stream;
    const telling = {
      onNote: (note: string) => say({ note }),
      onCommit: (changed: number) => say({ source, changed }),
      onProgress: (progress: SourceProgress) => say({ source, progress }),
    };
    try {
      await followIngest({ store, stream, jobOf, live: live! }, { signal, ...telling });
    } catch (error) {
      if (!(error instanceof DaybookError)) throw error;
      say({ note: `${source}: ${error.message}; it is not followed any more` });
      say({ source, progress: undefined });
    }
  });
  await Promise.all(following);
}

/** Tells how long each commit of a store takes from now on. */
function timeCommits(store: Store, tell: (ms: number) => void): void {
  const commit = store.commit.bind(store);
  store.commit = async (stretch) => {
    const begun = performance.now();
    try {
      return await commit(stretch);
    } finally {
      tell(performance.now() - begun);
    }
  };
}

function failureOf(error: unknown): EventFailure {
  if (error instanceof DaybookError) return { failed: error.message, code: error.code };
  return {
    failed: error instanceof Error ? (error.stack ?? error.message) : String(error),
    code: undefined,
  };
}
