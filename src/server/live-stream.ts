import type { LiveFeed } from './live-feed.ts';
import type { LiveEntry } from './live-log.ts';

/** Of whom a stream is, and what of. */
export interface LiveStreamOptions {
  readonly feed: LiveFeed;
  /** Where it goes on, as its reader was told last; with what happens from now on unless given. */
  readonly lastId: string | undefined;
  readonly wants: (entry: LiveEntry) => boolean;
  /** What is told of an entry, as JSON; undefined where there is nothing to tell. */
  readonly message: (entry: LiveEntry) => Promise<string | undefined>;
}

/** How long who lost the connection waits, ms. */
const RETRY_MS = 1000;

/**
 * What one reader is told, as server-sent events, made as fast as it is read: it keeps its place in the log, and
 * nothing is put aside for it.
 */
export class LiveStream {
  readonly #options: LiveStreamOptions;
  #position: number;
  #isLost: boolean;
  /** Whether it waits for its reader, and whether it did so when it was looked at before. */
  #isWaiting = false;
  #waited = false;

  constructor(options: LiveStreamOptions) {
    this.#options = options;
    const { feed, lastId } = options;
    const { log } = feed;
    const number = lastId === undefined ? log.latest : log.numberOf(lastId);
    this.#isLost = number === undefined || !log.hasSince(number);
    this.#position = this.#isLost ? log.latest : number!;
  }

  /** Whether its reader has not taken anything since this was asked before. */
  get isStuck(): boolean {
    const isStuck = this.#isWaiting && this.#waited;
    this.#waited = this.#isWaiting;
    return isStuck;
  }

  /** The events, to the end of the feed. */
  async *texts(): AsyncGenerator<string, void, void> {
    for await (const text of this.#texts()) {
      this.#isWaiting = true;
      yield text;
      this.#isWaiting = false;
      this.#waited = false;
    }
  }

  async *#texts(): AsyncGenerator<string, void, void> {
    const { feed } = this.#options;
    yield `retry: ${RETRY_MS}\n${this.#id}\n\n`;
    for (;;) {
      while (this.#isLost || this.#position < feed.log.latest) {
        const text = await this.#next();
        if (text !== undefined) yield text;
      }
      const reason = await feed.woken;
      if (reason === 'closed') return;
      // A comment, which also says how far one may go on from.
      if (reason === 'beat') yield `: nothing new\n${this.#id}\n\n`;
    }
  }

  get #id(): string {
    return `id: ${this.#options.feed.log.idOf(this.#position)}`;
  }

  async #next(): Promise<string | undefined> {
    const { feed, wants, message } = this.#options;
    const { log } = feed;
    if (this.#isLost || !log.hasSince(this.#position)) {
      this.#isLost = false;
      this.#position = log.latest;
      return `event: reset\n${this.#id}\ndata: ${RESET}\n\n`;
    }
    const entry = log.at(++this.#position);
    if (entry === undefined || !wants(entry)) return undefined;
    const id = this.#id;
    const json = await message(entry);
    return json === undefined ? undefined : `event: ${entry.event}\n${id}\ndata: ${json}\n\n`;
  }
}

const RESET = JSON.stringify({
  detail: 'what happened since is not kept any more; ask again for what you show',
});
