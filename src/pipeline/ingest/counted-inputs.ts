import { booksOf, type FoundRecords } from '../../core/books.ts';
import { EventList } from '../../core/event-list.ts';
import {
  type InputHead,
  readingOf,
  type Store,
  type StoredInput,
  type Stream,
} from '../../core/store.ts';
import { IdForms, idFormsOf } from './id-forms.ts';
import type { IngestPart } from './ingest-part.ts';
import type { Ingested } from './ingested.ts';

/** A part of an input that is followed, and who the input is. */
export interface CountedPart {
  readonly part: IngestPart;
  readonly name: string;
  readonly head: InputHead;
  /** SHA-256 in hex of all bytes in front of the part, and of these and its own. */
  readonly fromDigest: string;
  readonly digest: string;
  /** How many lines stood in front of where reading began. */
  readonly lines: number;
  /** How many stand in front of the part. */
  readonly linesBefore: number;
  /** The input of which the part's first bytes are a last record that had no end. */
  readonly goesOn: number | undefined;
}

/** A last record without its end, of an input that is in the store. */
export interface RestOf {
  readonly id: number;
  /** Where the record ended. */
  readonly position: number;
  /** SHA-256 in hex of all up to there. */
  readonly digest: string;
}

/** An input that is in the store, where more of it would begin. */
interface Counted {
  readonly id: number;
  readonly rest: RestOf | undefined;
  readonly decoder: unknown;
}

/** What was counted of an input in this run. */
interface CountedNow extends Pick<Ingested, 'kind' | 'knownAs'> {
  /** As it was called last. */
  input: string;
  settled: FoundRecords;
  rest: FoundRecords | undefined;
  /** What ids look like, of what is settled and of the rest. */
  readonly ids: IdForms;
  restIds: IdForms;
}

const NOTHING: FoundRecords = {
  ...{ lines: 0, blank: 0, counted: 0, duplicate: 0, conflict: 0 },
  rejected: {},
};

/** The inputs of a stream in a store, told apart by what they hold, and what comes to them. */
export class CountedInputs {
  readonly #store: Store;
  readonly #stream: Stream;
  /** By SHA-256 of what is settled of them. */
  readonly #byDigest = new Map<string, Counted[]>();
  readonly #names: Map<number, string>;
  /** Of inputs as they were found in the store. */
  readonly #lastTimes: Map<number, number | undefined>;
  readonly #now = new Map<number, CountedNow>();

  constructor(store: Store, stream: Stream, stored: readonly StoredInput[]) {
    this.#store = store;
    this.#stream = stream;
    this.#names = new Map(stored.map(({ id, name }) => [id, name]));
    this.#lastTimes = new Map(stored.map(({ id, lastTime }) => [id, lastTime]));
    for (const { id, settled, position, digest, decoder } of stored) {
      const rest = position > settled.position ? { id, position, digest } : undefined;
      this.#add(settled.digest, { id, rest, decoder });
    }
  }

  /** Whether what has this digest is counted, and nothing behind it. */
  has(digest: string): boolean {
    return this.#byDigest.has(digest);
  }

  /** What the next record depends on, of an input of this digest. */
  decoderAt(digest: string): unknown {
    return this.#byDigest.get(digest)?.[0]?.decoder;
  }

  /** Time of the last event of an input of this digest, as it was found in the store. */
  lastTimeAt(digest: string): number | undefined {
    const [counted] = this.#byDigest.get(digest) ?? [];
    return counted && this.#lastTimes.get(counted.id);
  }

  /** Last records without their ends behind what has this digest. */
  restsAt(digest: string): RestOf[] {
    return (this.#byDigest.get(digest) ?? []).flatMap(({ rest }) => rest ?? []);
  }

  /**
   * What was counted in this run, input by input.
   *
   * @param held - How many bytes of the last record of an input are not counted yet, by the input's id.
   */
  ingested(held: ReadonlyMap<number, number>): Ingested[] {
    return [...this.#now].map(([id, { settled, rest, ids, restIds, ...input }]) => ({
      ...input,
      books: booksOf([settled, rest ?? NOTHING]),
      ids: idFormsOf([ids, restIds]),
      heldBytes: held.get(id) ?? 0,
    }));
  }

  /**
   * Puts a part into the store, once.
   *
   * @returns The id of the input.
   * @throws DaybookError `STORE_UNUSABLE`: then it may be tried again.
   */
  async commit(counted: CountedPart): Promise<number> {
    const { part, name, head, linesBefore, fromDigest, digest } = counted;
    const known = await this.#inputOf(counted);
    const committed = await this.#store.commit({
      ...{ stream: this.#stream.name, input: known?.id, name, head, ...part, digest },
      reading: readingOf(this.#stream),
      events: this.#ownEvents(part),
    });
    const { input: id } = committed;
    if (known) this.#delete(fromDigest, known);
    const rest = part.isRest ? { id, position: part.to, digest } : undefined;
    const { decoder } = part;
    this.#add(part.isRest ? fromDigest : digest, { id, rest, decoder });
    const found = { ...part, ...committed, rejected: Object.fromEntries(part.rejected) };
    const now = this.#note(id, name, found, part.isRest);
    now.restIds = new IdForms();
    if (this.#hasIds) (part.isRest ? now.restIds : now.ids).add(part.events, name, linesBefore);
    return id;
  }

  /** The input that a part goes on with; undefined where it begins one. */
  async #inputOf(counted: CountedPart): Promise<Counted | undefined> {
    const { part, fromDigest, goesOn } = counted;
    const at = this.#byDigest.get(fromDigest) ?? [];
    const known = at.find(({ id, rest }) => (goesOn === undefined ? !rest : id === goesOn));
    if (known || part.from === 0) return known;
    // Two files began alike, and the other one has gone on: what they share is counted with that.
    const shared = await this.#store.commit({
      ...{ stream: this.#stream.name, input: undefined, name: counted.name, head: counted.head },
      ...{ from: 0, to: part.from, digest: fromDigest, isRest: false, decoder: undefined },
      ...{ lines: counted.lines, blank: counted.lines, rejected: new Map(), rejects: [] },
      reading: readingOf(this.#stream),
      events: new EventList(this.#stream.fields),
    });
    const begun = { id: shared.input, rest: undefined, decoder: undefined };
    this.#add(fromDigest, begun);
    return begun;
  }

  /** A store may drop some of what it is given, and then fail. */
  #ownEvents({ events }: IngestPart): EventList {
    return this.#hasIds ? EventList.load(events.save()) : events;
  }

  get #hasIds(): boolean {
    return this.#stream.fields.includes('id');
  }

  #note(id: number, input: string, found: FoundRecords, isRest: boolean): CountedNow {
    const knownAs = this.#names.get(id);
    const kind = knownAs === undefined ? 'new' : 'grown';
    const now = this.#now.get(id) ?? {
      ...{ input, kind, knownAs, settled: NOTHING, rest: undefined },
      ...{ ids: new IdForms(), restIds: new IdForms() },
    };
    this.#now.set(id, now);
    now.input = input;
    now.rest = isRest ? found : undefined;
    if (!isRest) now.settled = added(now.settled, found);
    return now;
  }

  #add(digest: string, counted: Counted): void {
    const others = this.#byDigest.get(digest);
    if (others) others.push(counted);
    else this.#byDigest.set(digest, [counted]);
  }

  #delete(digest: string, counted: Counted): void {
    const left = this.#byDigest.get(digest)!.filter((other) => other !== counted);
    if (left.length > 0) this.#byDigest.set(digest, left);
    else this.#byDigest.delete(digest);
  }
}

function added(a: FoundRecords, b: FoundRecords): FoundRecords {
  const { read, ...books } = booksOf([a, b]);
  return { ...books, lines: read, blank: 0 };
}
