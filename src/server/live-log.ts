import type { MeterSettings } from '../config/meter-schema.ts';
import type { ClosedWindow } from './window-watch.ts';

/** A window of a meter, or of a source, has closed. */
export interface WindowClosed extends ClosedWindow {
  readonly event: 'window';
  /** What is told of: a meter by its slug, or a source by its name. */
  readonly of: { readonly meter: string } | { readonly source: string };
  /** What to ask. */
  readonly meter: MeterSettings;
  /** Whether its subjects are hosts, which no key is for. */
  readonly isOfHosts: boolean;
}

/** More was counted of an input. */
export interface BooksChanged {
  readonly event: 'books';
  readonly source: string;
  readonly input: number;
}

/** Something that happened; what there is to say of it is looked up for who is told. */
export type LiveEntry = WindowClosed | BooksChanged;

/** As many are kept for who comes back. */
const MOST_ENTRIES = 4096;

/** What happened last, numbered from 1. */
export class LiveLog {
  readonly #most: number;
  readonly #start: string;
  readonly #entries: LiveEntry[] = [];
  /** Number of the latest entry about the books of an input. */
  readonly #books = new Map<number, number>();
  #latest = 0;

  /** @param startedAt - Tells the numbers of this log from those of others. */
  constructor(startedAt: number, most = MOST_ENTRIES) {
    this.#start = startedAt.toString(36);
    this.#most = most;
  }

  /** Number of the latest entry; 0 while there is none. */
  get latest(): number {
    return this.#latest;
  }

  add(entry: LiveEntry): void {
    this.#latest++;
    if (entry.event === 'books') this.#books.set(entry.input, this.#latest);
    this.#entries.push(entry);
    // Now and then, since it moves all others.
    if (this.#entries.length >= 2 * this.#most) this.#forget(this.#entries.length - this.#most);
  }

  /** Whether all that came behind a number is still there. */
  hasSince(number: number): boolean {
    return number >= this.#latest - this.#entries.length && number <= this.#latest;
  }

  /** An entry, unless it is of books that have changed since: the later one tells of them. */
  at(number: number): LiveEntry | undefined {
    const entry = this.#entries[number - 1 - (this.#latest - this.#entries.length)]!;
    const isOld = entry.event === 'books' && this.#books.get(entry.input) !== number;
    return isOld ? undefined : entry;
  }

  /** How an entry is called for who comes back. */
  idOf(number: number): string {
    return `${this.#start}-${number}`;
  }

  /** The number that an id stands for; undefined if it is none of this log. */
  numberOf(id: string): number | undefined {
    const [, start, number] = /^([0-9a-z]{1,11})-([0-9]{1,15})$/.exec(id) ?? [];
    return start === this.#start ? Number(number) : undefined;
  }

  #forget(count: number): void {
    const oldest = this.#latest - this.#entries.length + count;
    this.#entries.splice(0, count);
    for (const [input, number] of this.#books) if (number <= oldest) this.#books.delete(input);
  }
}
