import { statSync } from 'node:fs';
import { getCompileCacheDir } from 'node:module';
import { Worker } from 'node:worker_threads';

/** Marks our own threads: an application may import what they run in one of its own. */
export const LANE = 'daybook lane';

/** What a thread is started with. */
export interface LaneThreadData {
  readonly mark: typeof LANE;
}

/** The file that threads run, of the sources or of the build. */
const program = new URL(import.meta.url.replace(/lane-threads(?=[^/]*$)/, 'lane-worker'));

/** Threads that have nothing to do yet. They do not keep the process alive. */
const ahead = new Set<Worker>();

/** Of files, what it takes for one more thread to be done sooner than those that are at work already. */
const WORTH_BYTES = 64 << 20;

/**
 * Starts threads for lanes before it is known what they are to do, where files are large.
 *
 * A thread takes about as long to start as the rest takes to load and to look at its inputs; so both happen side by
 * side. Where it turns out that a lane less will do, such as for a compressed file, a thread has nothing to do.
 *
 * @param threads - At most, with this one.
 */
export function startThreads(files: readonly string[], threads: number): void {
  let bytes = 0;
  for (const file of files) {
    bytes += sizeOf(file);
    while (ahead.size + 1 < threads && bytes > (ahead.size + 1) * WORTH_BYTES) {
      if (!startAhead()) return;
    }
    if (ahead.size + 1 >= threads) return;
  }
}

/** A lane starts another where this fails, and fails if that does; many reports need none. */
function startAhead(): boolean {
  let worker: Worker;
  try {
    worker = start();
  } catch {
    return false;
  }
  worker.unref();
  worker.on('error', () => {});
  worker.on('exit', () => ahead.delete(worker));
  ahead.add(worker);
  return true;
}

/** Of what cannot be asked for its size, 0: who opens it tells what is wrong. */
function sizeOf(file: string): number {
  try {
    return statSync(file).size;
  } catch {
    return 0;
  }
}

/** A thread for a lane: one that was started ahead, else a new one. */
export function takeThread(): Worker {
  const [worker] = ahead;
  if (worker === undefined) return start();
  ahead.delete(worker);
  worker.removeAllListeners();
  worker.ref();
  return worker;
}

function start(): Worker {
  return new Worker(program, {
    workerData: { mark: LANE } satisfies LaneThreadData,
    env: threadEnvironment(),
    trackUnmanagedFds: false, // The files of runs are read after their lane has closed.
  });
}

/** The compile cache of this thread, which does not reach others by itself: a thread then starts in a quarter of the time. */
function threadEnvironment(): NodeJS.ProcessEnv {
  const cache = getCompileCacheDir();
  return cache === undefined ? process.env : { ...process.env, NODE_COMPILE_CACHE: cache };
}
