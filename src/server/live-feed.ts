import type { MeterSettings } from '../config/meter-schema.ts';
import type { Stream } from '../core/store.ts';
import { eventStreams, isOfHosts } from '../open/event-streams.ts';
import type { ServerContext } from './api.ts';
import { completeThrough } from './completeness.ts';
import { LiveLog, type WindowClosed } from './live-log.ts';
import { WindowWatch } from './window-watch.ts';

/** What the feed is made from. */
export type FeedContext = Pick<
  ServerContext,
  'store' | 'meters' | 'events' | 'now' | 'completeThrough'
>;

/** Why who waits for something is woken: there is more, it is time to say that nothing has happened, or no more comes. */
export type Wake = 'more' | 'beat' | 'closed';

interface Watched extends Pick<WindowClosed, 'of' | 'meter'> {
  /** Whether it had no events when it was first looked at: then it is told from its first one on. */
  readonly isNew: boolean;
  windows?: WindowWatch;
}

/** Notices what happens: windows of meters and sources that close, and books that change. */
export class LiveFeed {
  readonly log: LiveLog;
  readonly #context: FeedContext;
  readonly #watched = new Map<string, Watched>();
  #woken = Promise.withResolvers<Wake>();
  #isClosed = false;
  #looking: Promise<void> | undefined;
  /** Whether there was a look: what is found later is new. */
  #hasLooked = false;

  constructor(context: FeedContext, most?: number) {
    this.#context = context;
    this.log = new LiveLog(context.now(), most);
  }

  /** Settles when there is a reason to look again. */
  get woken(): Promise<Wake> {
    return this.#woken.promise;
  }

  /** Wakes everybody who waits. */
  wake(reason: Wake): void {
    if (this.#isClosed) return;
    this.#isClosed = reason === 'closed';
    this.#woken.resolve(reason);
    // Who comes behind the end is not to wait.
    if (!this.#isClosed) this.#woken = Promise.withResolvers();
  }

  /** Looks what has happened since, whoever asks at the same time. */
  look(): Promise<void> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined;
    });
    return this.#looking;
  }

  /** Notes which books have changed, which asks the store nothing. */
  noteBooks(): void {
    for (const [input, source] of this.#context.events.takeChanged())
      this.log.add({ event: 'books', source, input });
  }

  async #look(): Promise<void> {
    const { latest } = this.log;
    const { store, meters } = this.#context;
    const streams = await store.streams();
    for (const meter of meters) await this.#lookAt({ meter: meter.slug }, meter, streams);
    for (const { name: source } of streams)
      await this.#lookAt({ source }, recordsOf(source), streams);
    this.noteBooks();
    this.#hasLooked = true;
    if (this.log.latest > latest) this.wake('more');
  }

  async #lookAt(
    of: WindowClosed['of'],
    meter: MeterSettings,
    streams: readonly Stream[],
  ): Promise<void> {
    const own = eventStreams(streams, meter);
    const sources = own.map(({ name }) => name);
    const key = JSON.stringify(of);
    const watched = this.#watched.get(key) ?? {
      ...{ of, meter },
      isNew: this.#hasLooked || (await this.#lastTimes(sources)).length === 0,
    };
    this.#watched.set(key, watched);
    const through = await completeThrough(this.#context, sources);
    if (through === undefined) return;
    const reached = Math.max(through, this.#reached(sources));
    watched.windows ??= new WindowWatch(watched.isNew ? await this.#firstTime(sources) : through);
    for (const window of watched.windows.advance({ reached, through }))
      this.log.add({ event: 'window', of, meter, isOfHosts: own.some(isOfHosts), ...window });
  }

  /** Up to where the sources were read that are followed. */
  #reached(sources: readonly string[]): number {
    const times = sources.flatMap(
      (source) => this.#context.events.progressOf(source)?.reached ?? [],
    );
    return times.length > 0 ? Math.min(...times) : Number.NEGATIVE_INFINITY;
  }

  async #lastTimes(sources: readonly string[]): Promise<number[]> {
    const { store } = this.#context;
    const times = await Promise.all(sources.map((source) => store.lastTime(source)));
    return times.filter((time) => time !== undefined);
  }

  async #firstTime(sources: readonly string[]): Promise<number> {
    const { store } = this.#context;
    const inputs = await Promise.all(sources.map((source) => store.inputs(source)));
    const times = inputs.flat().flatMap(({ firstTime }) => firstTime ?? []);
    return times.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  }
}

/** What is told of a source: how many records it has. */
function recordsOf(source: string): MeterSettings {
  return { slug: '', source, aggregation: 'COUNT' };
}
