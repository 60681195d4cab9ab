import { type EventBatch, START } from '../core/event-batch.ts';
import type { Row } from '../core/table.ts';
import type { WindowCounter } from '../core/windowed-report.ts';
import type { Window } from '../core/windows.ts';
import { type SavedSessionWindows, SessionWindows } from './session-windows.ts';
import type { SessionTotals } from './sessions.ts';

/** Events that wait at least before it is looked which of them can go on. */
const FEWEST_WAITING = 1 << 13;

/** Events that wait for those that may come late, in the order in which they came. */
interface Waiting {
  readonly time: Float64Array<ArrayBuffer>;
  /** Twice the user's number, and one more for a Start. */
  readonly what: Float64Array<ArrayBuffer>;
  /** Rank of the input. */
  readonly input: Uint32Array<ArrayBuffer>;
}

/** What was counted, as plain data. */
interface SavedCounter {
  readonly last: number;
  readonly sessions: SavedSessionWindows;
  readonly waiting: Waiting;
}

/** Counts the sessions of windows: events wait until none can come in front of them, and are then in order. */
export class SessionCounter implements WindowCounter {
  readonly #sessions: SessionWindows;
  readonly #rowsOf: (users: Iterable<SessionTotals>) => Row[];
  readonly #everybody: ReadonlyMap<string, number> | undefined;
  #waiting: Waiting;
  #count: number;
  /** Time of the latest event. */
  #last: number;
  /** How many may wait until it is looked again. */
  #enough = FEWEST_WAITING;
  #names: EventBatch['names'] | undefined;
  /** Users by their number in the dictionary of the batches. */
  #users: number[] = [];

  constructor(
    rowsOf: (users: Iterable<SessionTotals>) => Row[],
    { users, saved }: { users?: ReadonlyMap<string, number> | undefined; saved?: unknown },
  ) {
    const {
      last = Number.NEGATIVE_INFINITY,
      sessions,
      waiting = roomFor(0),
    } = (saved ?? {}) as Partial<SavedCounter>;
    this.#last = last;
    this.#rowsOf = rowsOf;
    this.#everybody = users;
    this.#sessions = new SessionWindows(users, sessions);
    this.#waiting = waiting;
    this.#count = waiting.time.length;
  }

  add(_window: Window, batch: EventBatch): number {
    if (this.#names !== batch.names) this.#users = [];
    this.#names = batch.names;
    const needed = this.#count + batch.length;
    if (needed > this.#waiting.time.length) this.#waiting = copyOf(this.#waiting, needed * 2);
    const { time, what, input } = this.#waiting;
    for (let i = 0; i < batch.length; i++) {
      const id = batch.subject[i]!;
      const user = this.#users[id] ?? this.#sessions.idOf(batch.names.bytesOf(id));
      this.#users[id] = user;
      this.#last = Math.max(this.#last, batch.time[i]!);
      time[this.#count] = batch.time[i]!;
      what[this.#count] = user * 2 + (batch.kind[i] === START ? 1 : 0);
      input[this.#count] = batch.input[i]!;
      this.#count++;
    }
    return batch.length;
  }

  advance(watermark: number): void {
    if (this.#count < this.#enough) return;
    this.#release(watermark);
    this.#enough = Math.max(FEWEST_WAITING, this.#count * 2);
  }

  rows(window: Window, before: readonly Window[]): Row[] {
    const saved = structuredClone(this.save());
    const copy = new SessionCounter(this.#rowsOf, { users: this.#everybody, saved });
    for (const earlier of before) copy.#pass(earlier);
    return copy.close(window);
  }

  close(window: Window): Row[] {
    this.#release(window.end);
    const rows = this.#rowsOf(this.#sessions.totals(window, this.#last));
    this.#sessions.next();
    return rows;
  }

  save(): unknown {
    const waiting = copyOf(this.#waiting, this.#count);
    return { last: this.#last, sessions: this.#sessions.save(), waiting } satisfies SavedCounter;
  }

  /** Goes over a window without looking at it. */
  #pass({ end }: Window): void {
    this.#release(end);
    this.#sessions.next();
  }

  /** Adds what waits and lies in front of an instant; equal times in the order of the inputs. */
  #release(before: number): void {
    const { time, what, input } = this.#waiting;
    const order: number[] = [];
    let kept = 0;
    for (let i = 0; i < this.#count; i++) if (time[i]! < before) order.push(i);
    // Sorting is stable: what is of one input stays in its order.
    order.sort((a, b) => time[a]! - time[b]! || input[a]! - input[b]!);
    for (const i of order) this.#sessions.add(time[i]!, Math.floor(what[i]! / 2), what[i]! % 2);
    for (let i = 0; i < this.#count; i++) {
      if (time[i]! < before) continue;
      time[kept] = time[i]!;
      what[kept] = what[i]!;
      input[kept] = input[i]!;
      kept++;
    }
    this.#count = kept;
  }
}

function roomFor(events: number): Waiting {
  return {
    time: new Float64Array(events),
    what: new Float64Array(events),
    input: new Uint32Array(events),
  };
}

/** A copy of the first events, with room for so many. */
function copyOf(waiting: Waiting, events: number): Waiting {
  const copy = roomFor(events);
  for (const column of ['time', 'what', 'input'] as const)
    copy[column].set(waiting[column].subarray(0, events));
  return copy;
}
