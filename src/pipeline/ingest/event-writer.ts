import { createHash } from 'node:crypto';
import { Dictionary } from '../../core/dictionary.ts';
import { DaybookError } from '../../core/errors.ts';
import { EventBatch } from '../../core/event-batch.ts';
import { EventList } from '../../core/event-list.ts';
import type {
  PostedBody,
  PostedEvent,
  PostedForm,
  PostedProblem,
  ReadPosted,
} from '../../core/posted-events.ts';
import {
  type Committed,
  ConflictingCommit,
  FATE,
  type InputHead,
  type Store,
  type Stream,
} from '../../core/store.ts';
import { ContentHash } from '../read/content-hash.ts';
import { HEAD_BYTES } from '../read/identify.ts';
import { requireSame } from './ingest.ts';

/** Events that somebody sent. */
export interface PostRequest {
  readonly bytes: Uint8Array;
  readonly form: PostedForm;
  /** When it came, ms since the epoch. */
  readonly arrived: number;
  /** Whose events these may be; anybody's unless given. */
  readonly subjects?: readonly string[] | undefined;
  /** Whether all events are to be kept, or none. */
  readonly isAtomic: boolean;
}

/** What became of an event that was sent; `refused`: nothing is wrong with it, but with another one. */
type PostOutcome = keyof typeof FATE | 'rejected' | 'refused';

/** What became of a request. Plain data. */
export interface PostAnswer {
  /** `forbidden`: some are of others, and nothing is kept. */
  readonly status: 'kept' | 'refused' | 'forbidden';
  /** Of each event in order; of none where the request is forbidden. */
  readonly outcomes: readonly PostOutcome[];
  /** What is wrong with some. */
  readonly problems: readonly PostedProblem[];
}

/** A request on its way into the store. */
interface Staged {
  readonly body: PostedBody;
  readonly events: readonly PostedEvent[];
  readonly answer: (fates: Uint8Array | undefined, isKept: boolean) => void;
}

/** Where events are written to. */
export interface EventWriterSetting {
  readonly store: Store;
  /** Of the fields `type`, `id` and `data`. */
  readonly stream: Stream;
  readonly read: ReadPosted;
  /** The instant of now, ms since the epoch. */
  readonly now: () => number;
  /** Is told of each commit, by the id of its input. */
  readonly onCommit?: ((input: number) => void) | undefined;
}

/**
 * Puts events that were posted into a store, those of several requests at once.
 *
 * They are an input of their own from each start on: it is the lines of JSON that were kept, one behind the other. What
 * is rejected is told to the sender and is not in it: who sends it once more, put right, sends another event.
 */
export class EventWriter {
  readonly #setting: EventWriterSetting;
  #input: PostedInput | undefined;

  constructor(setting: EventWriterSetting) {
    this.#setting = setting;
  }

  /**
   * Writes what was sent, and settles when it is on the disk. What an error says is of that request alone.
   */
  async write(requests: readonly PostRequest[]): Promise<(PostAnswer | DaybookError)[]> {
    const answers: (PostAnswer | DaybookError)[] = [];
    const together: Staged[] = [];
    const alone: Staged[] = [];
    for (const [i, request] of requests.entries()) {
      try {
        const staged = this.#stage(request, (answer) => {
          answers[i] = answer;
        });
        if (staged) (request.isAtomic ? alone : together).push(staged);
      } catch (error) {
        answers[i] = ownError(error);
      }
    }
    for (const group of [together, ...alone.map((staged) => [staged])]) {
      try {
        await this.#keep(group, group !== together);
      } catch (error) {
        const failure = ownError(error);
        for (const [i] of requests.entries()) answers[i] ??= failure;
      }
    }
    return answers;
  }

  /** Reads a request. Returns nothing where it is answered already. */
  #stage(
    { bytes, form, arrived, subjects, isAtomic }: PostRequest,
    onAnswer: (answer: PostAnswer) => void,
  ): Staged | undefined {
    const body = this.#setting.read(bytes, form, arrived);
    const own = subjects && new Set(subjects);
    const foreign = body.events.flatMap((event, i) =>
      event && own?.has(event.subject) === false ? [i] : [],
    );
    if (foreign.length > 0) {
      const detail = 'this key is for other subjects';
      const problems = foreign.map((i) => ({ pointer: `${body.pointerOf(i)}/subject`, detail }));
      onAnswer({ status: 'forbidden', outcomes: [], problems });
      return undefined;
    }
    const events = body.events.filter((event) => event !== undefined);
    const answer = (fates: Uint8Array | undefined, isKept: boolean) =>
      onAnswer(answerOf(body, fates, isKept));
    const isRefused = isAtomic && body.problems.length > 0;
    if (!isRefused && events.length > 0) return { body, events, answer };
    answer(undefined, !isRefused);
    return undefined;
  }

  /** Commits the events of some requests, and answers these. */
  async #keep(group: readonly Staged[], isWhole: boolean): Promise<void> {
    const events = group.flatMap((staged) => staged.events);
    if (events.length === 0) return;
    const { store, stream, now, onCommit } = this.#setting;
    if (this.#input === undefined) {
      // Not before there are events: a store of one source is asked without naming it.
      await store.addStream(stream);
      await requireSame(store, stream);
    }
    const input = this.#input ?? new PostedInput(now());
    // What became of a commit that fails is not known for sure: then a new input is begun.
    this.#input = undefined;
    let committed: Committed;
    try {
      committed = await input.commit(store, stream, events, isWhole);
    } catch (error) {
      if (!(error instanceof ConflictingCommit)) throw error;
      this.#input = input;
      for (const { answer } of group) answer(error.fates, false);
      return;
    }
    this.#input = input;
    onCommit?.(committed.input);
    const { fates } = committed;
    let from = 0;
    for (const { events: own, answer } of group) {
      answer(fates?.subarray(from, from + own.length), true);
      from += own.length;
    }
  }
}

/** What was posted since a start, as an input. */
class PostedInput {
  readonly #name: string;
  #id: number | undefined;
  #head: InputHead | undefined;
  #hash = new ContentHash();

  constructor(startedAt: number) {
    this.#name = `posted ${new Date(startedAt).toISOString()}`;
  }

  async commit(
    store: Store,
    stream: Stream,
    events: readonly PostedEvent[],
    isWhole: boolean,
  ): Promise<Committed> {
    const bytes = Buffer.concat(events.map(({ line }) => line));
    const from = this.#hash.position;
    const hash = this.#hash.copy();
    hash.take(bytes, from);
    const head = this.#head ?? headOf(bytes);
    const committed = await store.commit({
      ...{ stream: stream.name, input: this.#id, name: this.#name, head, isRest: false, isWhole },
      ...{ from, to: hash.position, digest: hash.digest, lines: events.length, blank: 0 },
      ...{ rejected: new Map(), rejects: [], decoder: undefined },
      events: listOf(stream, events, from),
      untimed: new Set(events.flatMap(({ isUntimed }, i) => (isUntimed ? [i] : []))),
    });
    this.#id = committed.input;
    this.#head = head;
    this.#hash = hash;
    return committed;
  }
}

function headOf(bytes: Uint8Array): InputHead {
  const head = bytes.subarray(0, HEAD_BYTES);
  return { bytes: head.length, digest: createHash('sha256').update(head).digest('hex') };
}

/** Filled and emptied again within a function: it is far larger than most commits. */
const batch = new EventBatch();

/** Events in columns, from a byte of their input on. */
function listOf({ fields }: Stream, events: readonly PostedEvent[], from: number): EventList {
  const list = new EventList(fields);
  const names = new Dictionary();
  batch.clear();
  batch.names = names;
  const nameOf = (text: string) => {
    const bytes = Buffer.from(text);
    return names.add(bytes, 0, bytes.length);
  };
  let position = from;
  for (const [line, event] of events.entries()) {
    const i = batch.length++;
    batch.time[i] = event.time;
    batch.subject[i] = nameOf(event.subject);
    batch.type[i] = nameOf(event.type);
    batch.position[i] = position;
    batch.line[i] = line + 1;
    for (const column of ['id', 'data'] as const) {
      const text = Buffer.from(event[column]);
      batch[column].append(text, 0, text.length);
    }
    position += event.line.length;
    if (batch.length < EventBatch.CAPACITY && line < events.length - 1) continue;
    list.append(batch);
    batch.clear();
  }
  return list;
}

/** @param fates - Of those events that could be kept. */
function answerOf(body: PostedBody, fates: Uint8Array | undefined, isKept: boolean): PostAnswer {
  const kinds = Object.keys(FATE) as PostOutcome[];
  const problems = [...body.problems];
  let at = 0;
  const outcomes = body.events.map((event, i) => {
    const outcome = event ? kinds[fates?.[at++] ?? FATE.counted]! : 'rejected';
    if (outcome === 'conflict') {
      const detail = 'an event of this source and id was counted with other content';
      problems.push({ pointer: `${body.pointerOf(i)}/id`, detail });
    }
    return isKept || outcome === 'rejected' || outcome === 'conflict' ? outcome : 'refused';
  });
  return { status: isKept ? 'kept' : 'refused', outcomes, problems };
}

/** @throws what is no failure that its sender can act on. */
function ownError(error: unknown): DaybookError {
  if (error instanceof DaybookError) return error;
  throw error;
}
