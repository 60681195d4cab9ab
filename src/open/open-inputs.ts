import { resolve } from 'node:path';
import { DaybookError } from '../core/errors.ts';
import type { JobSpec, PartSpec } from '../core/job.ts';
import type { LiveInputs } from '../core/live-source.ts';
import type { Input } from '../core/source.ts';
import type { Interest, Store, StoredInput, Stream } from '../core/store.ts';
import { inputsOf } from './range-request.ts';
import { storePathOf } from './store-path.ts';
import type { WindowRequest } from './window-request.ts';

/** The inputs of a report, and how their events are come by. */
export interface OpenedInputs {
  readonly inputs: readonly Input[];
  /** Inputs that are to be followed instead. */
  readonly live: LiveInputs | undefined;
  /** As the report repeats them. */
  readonly words: readonly string[];
  readonly job: Pick<JobSpec, 'decoder' | 'store'>;
  /** What they are in a store, if they are in one. */
  readonly stored: StoredInputs | undefined;
}

/** What inputs are in a store. */
export interface StoredInputs {
  readonly path: string;
  readonly stream: Stream;
  /** Time of each input's first event, if it has any. */
  readonly firstTimes: readonly (number | undefined)[];
}

/**
 * Finds the inputs of a report.
 *
 * @param decoder - Of files; a store knows what its events were read with.
 * @param interest - Which events are of interest, of a store.
 * @param fromMinutes - Whether numbers of each minute may do, where a store keeps no more.
 * @throws DaybookError `USAGE`, `SOURCE_UNREADABLE` or `STORE_UNUSABLE`
 */
export async function openInputs(
  request: WindowRequest,
  decoder: PartSpec,
  interest: Interest,
  fromMinutes = false,
): Promise<OpenedInputs> {
  const { files, source } = request;
  if (request.store === undefined && request.config === undefined) {
    if (source !== undefined)
      throw new DaybookError(
        'USAGE',
        '--source is for what is in a store; name that with --store or -c',
      );
    if (request.follow) {
      const { openFollow } = await import('./open-follow.ts');
      const live = openFollow(request);
      return { inputs: [], live, words: files, job: { decoder }, stored: undefined };
    }
    const inputs = await inputsOf(files);
    const words = inputs.map(({ name }) => name);
    return { inputs, live: undefined, words, job: { decoder }, stored: undefined };
  }
  if (request.follow)
    throw new DaybookError('USAGE', '--follow is for files that grow, not for what is in a store');
  const path = await storePathOf(request);
  const store = await openStore(path);
  try {
    const stream = await streamOf(store, { path, source, decoder });
    if (store.keep === 'rollups' && !fromMinutes)
      throw new DaybookError(
        'USAGE',
        `${path} keeps how many events there were in each minute only, and this needs the events`,
      );
    const known = store.keep === 'rollups' ? [] : await store.inputs(stream.name);
    const inputs = await inputsIn(store, known);
    const { format: kind, options } = stream;
    const part = { kind: 'sqlite', options: { path: resolve(path), readOnly: true } };
    return {
      inputs,
      live: undefined,
      words: inputs.map(({ name }) => name),
      job: { decoder: { kind, options }, store: { part, interest, goneBefore: stream.goneBefore } },
      stored: { path, stream, firstTimes: known.map(({ firstTime }) => firstTime) },
    };
  } finally {
    await store.close();
  }
}

/** Opens a store for readers; what drives it is loaded only then. */
export async function openStore(path: string): Promise<Store> {
  const { stores } = await import('../stores/index.ts');
  return stores.sqlite({ path, readOnly: true });
}

/** Opens a store that is there, to change what is in it. */
export async function openStoreForChange(path: string): Promise<Store> {
  const { stores } = await import('../stores/index.ts');
  return stores.sqlite({ path, isThere: true });
}

/** Formats of which a report can be made that is made of another, too. */
const ALIKE: Readonly<Record<string, readonly string[]>> = { csv: ['csv', 'ndjson'] };

/** The source that was asked for, or the only one that a report can be of. */
async function streamOf(
  store: Store,
  { path, source, decoder }: { path: string; source: string | undefined; decoder: PartSpec },
): Promise<Stream> {
  const formats = ALIKE[decoder.kind] ?? [decoder.kind];
  const streams = await store.streams();
  const fitting = streams.filter(({ format }) => formats.includes(format));
  const named = (some: readonly Stream[]) => some.map(({ name }) => name).join(', ');
  if (source !== undefined) {
    const stream = fitting.find(({ name }) => name === source);
    if (stream) return stream;
    const there = fitting.length > 0 ? `there is ${named(fitting)}` : 'there is none';
    const message = `${path} has no source ${source} of ${decoder.kind}; ${there}`;
    throw new DaybookError('USAGE', message, { field: 'source' });
  }
  const [only, ...others] = fitting;
  if (only && others.length === 0) return only;
  const what = only ? `several (${named(fitting)}); say which with --source` : 'none';
  throw new DaybookError('USAGE', `of sources of ${decoder.kind}, ${path} has ${what}`, {
    field: only && 'source',
  });
}

/** What a store has of a source, by rank, as inputs. */
async function inputsIn(store: Store, known: readonly StoredInput[]): Promise<Input[]> {
  const inputs: Input[] = [];
  for (const { id, name, position } of known) {
    inputs.push({
      ...{ name, source: 'store', sizeBytes: position, encoding: 'plain' },
      ...{ splittable: true, replayable: true, stored: await store.segments(id) },
    });
  }
  return inputs;
}
