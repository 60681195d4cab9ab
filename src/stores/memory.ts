import type { EventBatch } from '../core/event-batch.ts';
import type { SegmentReject } from '../core/rejects.ts';
import {
  type Amendment,
  type Commit,
  type Committed,
  ConflictingCommit,
  FATE,
  type HoursQuery,
  type Keep,
  type MinuteCount,
  type Store,
  type StoredInput,
  type StoredSegment,
  type StoreQuery,
  type Stream,
} from '../core/store.ts';
import { HOUR } from '../core/time.ts';
import { EVERYTHING, type TimeRange } from '../core/time-range.ts';
import { decimalText } from '../core/value-sums.ts';
import { byRank } from './input-rank.ts';
import { fillBatches, type MemoryEvent, minutesOf, readEvents } from './memory-events.ts';
import { countedIn, type MemoryInput, type MemorySegment, storedInput } from './memory-input.ts';
import { noStream, notWithdrawn, overtaken, takenBack } from './refusals.ts';

/** How a store in memory is made. */
export interface MemoryOptions {
  readonly keep?: Keep | undefined;
}

/** A store that is gone with the process: plain arrays and maps, for tests, and to say what others have to do. */
export function memory({ keep = 'events' }: MemoryOptions): Store {
  return new MemoryStore(keep);
}

class MemoryStore implements Store {
  readonly keep: Keep;
  readonly #streams = new Map<string, Stream>();
  /** By id. What is in it is never changed, only replaced: so a commit that fails leaves nothing. */
  #inputs: ReadonlyMap<number, MemoryInput> = new Map();
  #latestId = 0;

  constructor(keep: Keep) {
    this.keep = keep;
  }

  async streams(): Promise<Stream[]> {
    return [...this.#streams.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  async addStream(stream: Stream): Promise<void> {
    if (!this.#streams.has(stream.name)) this.#streams.set(stream.name, asPlainData(stream));
  }

  async inputs(stream: string): Promise<StoredInput[]> {
    return this.#inputsOf(stream).map(storedInput).sort(byRank);
  }

  async input(id: number): Promise<StoredInput> {
    const input = this.#inputs.get(id);
    if (input === undefined) throw takenBack();
    return storedInput(input);
  }

  async lastTime(stream: string): Promise<number | undefined> {
    const times = this.#inputsOf(stream).map((input) => storedInput(input).lastTime ?? -Infinity);
    return times.some(Number.isFinite) ? Math.max(...times) : undefined;
  }

  async commit(commit: Commit): Promise<Committed> {
    const { name, stream, head, from, to, lines, blank, replaces, latest = Infinity } = commit;
    const own = this.#inputsOf(stream);
    const { fields } = this.#streams.get(stream)!;
    const inputs = new Map(this.#inputs);
    if (replaces !== undefined) {
      if (this.keep === 'rollups' && inputs.has(replaces)) throw notWithdrawn();
      if (!inputs.delete(replaces)) throw overtaken(name);
    }
    const id = commit.input ?? ++this.#latestId;
    if (commit.input === undefined) {
      if (own.some((other) => other.id > latest)) throw overtaken(name);
      inputs.set(id, { id, stream, name, head, segments: [], decoder: undefined });
    }
    const input = inputs.get(id);
    if (input === undefined) throw overtaken(name);
    const kept = input.segments.filter(({ isRest }) => !isRest);
    if (this.keep === 'rollups' && kept.length < input.segments.length) throw notWithdrawn();
    if ((kept.at(-1)?.to ?? 0) !== from) throw overtaken(name);
    inputs.set(id, { ...input, segments: kept });
    const given = readEvents(commit.events, commit.untimed);
    const { events, duplicate, conflicts, fates } = sifted(given, idsIn(inputs, stream));
    const books = { counted: events.length, duplicate, conflict: conflicts.length };
    if (commit.isWhole && conflicts.length > 0) throw new ConflictingCommit(fates);
    const segment: MemorySegment = {
      ...{ id: ++this.#latestId, from, to, lines, blank, ...books, fields, events, gone: [] },
      ...{ digest: commit.digest, isRest: commit.isRest },
      rejected: Object.fromEntries(commit.rejected),
      rejects: [...commit.rejects, ...conflicts]
        .map((reject) => ({ ...reject }))
        .sort((a, b) => a.offset - b.offset),
    };
    const decoder = asPlainData(commit.decoder);
    inputs.set(id, { ...input, name, decoder, segments: [...kept, segment] });
    this.#inputs = inputs;
    return { input: id, ...books, ...(events.length < given.length && { fates }) };
  }

  async withdraw(input: number): Promise<void> {
    if (!this.#inputs.has(input)) return;
    if (this.keep === 'rollups') throw notWithdrawn();
    this.#inputs = new Map([...this.#inputs].filter(([id]) => id !== input));
  }

  async segments(input: number): Promise<StoredSegment[]> {
    const segments = this.#inputs.get(input)?.segments ?? [];
    return segments.map(
      ({ id, from, to, lines, blank, counted, duplicate, conflict, rejected, gone }) => ({
        ...{ id, from, to, lines, blank, counted, duplicate, conflict, rejected },
        forgotten: gone.length,
      }),
    );
  }

  async *events(
    segment: number,
    batch: EventBatch,
    range: TimeRange = EVERYTHING,
  ): AsyncGenerator<EventBatch> {
    const { events, fields, gone } = this.#segment(segment);
    batch.others += gone.length;
    if (this.keep === 'events') yield* fillBatches(events, fields, batch, range);
  }

  async *around(query: StoreQuery, batch: EventBatch): AsyncGenerator<EventBatch> {
    const inputs = this.#inputsOf(query.stream);
    const { fields } = this.#streams.get(query.stream)!;
    if (this.keep === 'rollups') return;
    for (const { segments } of inputs)
      for (const { events } of segments) {
        const within = events.filter(({ time }) => time >= query.from && time < query.to);
        yield* fillBatches(within, fields, batch, EVERYTHING);
      }
  }

  async *minutes(
    query: StoreQuery,
    unit: 'minute' | 'hour' = 'minute',
  ): AsyncGenerator<readonly MinuteCount[]> {
    const segments = this.#inputsOf(query.stream).flatMap((input) => input.segments);
    const { fields } = this.#streams.get(query.stream)!;
    const events = segments.flatMap(countedIn);
    yield* minutesOf(events, fields, query, unit);
  }

  async addHours({ stream, subject, type, from }: HoursQuery, counts: Float64Array): Promise<void> {
    const range = { from, to: from + counts.length * HOUR };
    for await (const hours of this.minutes({ stream, subjects: [subject], ...range }, 'hour'))
      for (const hour of hours)
        if (type === undefined || hour.type === type)
          counts[(hour.start - from) / HOUR]! += hour.count;
  }

  async *rejects(segment: number): AsyncGenerator<SegmentReject> {
    yield* this.#segment(segment).rejects;
  }

  async amend(stream: Stream, amendment?: Amendment): Promise<Omit<Committed, 'input' | 'fates'>> {
    const { goneBefore } = this.#streams.get(stream.name)!;
    this.#streams.set(stream.name, { ...asPlainData(stream), goneBefore });
    if (amendment === undefined) return { counted: 0, duplicate: 0, conflict: 0 };
    const segment = this.#segment(amendment.segment);
    const amended = amendedSegment(segment, amendment, idsIn(this.#inputs, stream.name));
    this.#replace(segment.id, amended);
    return {
      counted: amended.counted - segment.counted,
      duplicate: amended.duplicate - segment.duplicate,
      conflict: amended.conflict - segment.conflict,
    };
  }

  async prune(stream: string, before: number, isTrial = false): Promise<number> {
    const isGone = ({ time }: MemoryEvent) => time < before;
    const segments = this.#inputsOf(stream).flatMap((input) => input.segments);
    const count = segments.flatMap(({ events }) => events).filter(isGone).length;
    if (isTrial || count === 0) return count;
    for (const segment of segments) {
      const gone = [...segment.gone, ...segment.events.filter(isGone)];
      const events = segment.events.filter((event) => !isGone(event));
      const isRest = segment.isRest && events.length === segment.events.length;
      this.#replace(segment.id, { ...segment, gone, events, isRest });
    }
    const { goneBefore = before, ...others } = this.#streams.get(stream)!;
    this.#streams.set(stream, { ...others, goneBefore: Math.max(goneBefore, before) });
    return count;
  }

  async close(): Promise<void> {}

  #inputsOf(stream: string): MemoryInput[] {
    if (!this.#streams.has(stream)) throw noStream(stream);
    return [...this.#inputs.values()].filter((input) => input.stream === stream);
  }

  #replace(id: number, by: MemorySegment): void {
    const replaced = [...this.#inputs].map(([input, { segments, ...others }]) => {
      const changed = segments.map((segment) => (segment.id === id ? by : segment));
      return [input, { ...others, segments: changed }] as const;
    });
    this.#inputs = new Map(replaced);
  }

  #segment(id: number): MemorySegment {
    for (const { segments } of this.#inputs.values())
      for (const segment of segments) if (segment.id === id) return segment;
    throw takenBack();
  }
}

/** Every id that was counted in a stream, and what stood beside it. */
function idsIn(inputs: ReadonlyMap<number, MemoryInput>, stream: string): Map<string, string> {
  const own = [...inputs.values()].filter((input) => input.stream === stream);
  const events = own.flatMap(({ segments }) => segments.flatMap(countedIn));
  return new Map(events.filter(({ id }) => id !== '').map((event) => [event.id, contentOf(event)]));
}

/** The events that count, and those that do not, since their ids are known or come twice. */
function sifted(
  events: readonly MemoryEvent[],
  known: Map<string, string>,
): { events: MemoryEvent[]; duplicate: number; conflicts: SegmentReject[]; fates: Uint8Array } {
  const fates = new Uint8Array(events.length);
  const counted: MemoryEvent[] = [];
  const conflicts: SegmentReject[] = [];
  let duplicate = 0;
  for (const [i, event] of events.entries()) {
    const { id, line, position: offset } = event;
    const content = known.get(id);
    if (content === undefined) {
      counted.push(event);
      if (id !== '') known.set(id, contentOf(event));
    } else if (content === contentOf(event)) {
      duplicate++;
      fates[i] = FATE.duplicate;
    } else {
      fates[i] = FATE.conflict;
      const text = Buffer.from(id, 'latin1').toString();
      conflicts.push({ line, offset, reason: 'conflict', text });
    }
  }
  return { events: counted, duplicate, conflicts, fates };
}

/** A segment some rejects of which are events now. */
function amendedSegment(
  segment: MemorySegment,
  amendment: Amendment,
  known: Map<string, string>,
): MemorySegment {
  const isReject = ({ reason }: SegmentReject) => reason !== 'conflict';
  const waiting = new Set(segment.rejects.filter(isReject).map(({ offset }) => offset));
  const found = readEvents(amendment.events).filter(({ position }) => waiting.has(position));
  const places = new Set(found.map(({ position }) => position));
  const { events, duplicate, conflicts } = sifted(found, known);
  const rejected = { ...segment.rejected };
  const taken = segment.rejects.filter((reject) => isReject(reject) && places.has(reject.offset));
  for (const { reason } of taken) if (--rejected[reason]! === 0) delete rejected[reason];
  const kept = segment.rejects.filter((reject) => !taken.includes(reject));
  return {
    ...segment,
    ...{ rejected, fields: amendment.events.fields },
    counted: segment.counted + events.length,
    duplicate: segment.duplicate + duplicate,
    conflict: segment.conflict + conflicts.length,
    events: [...segment.events, ...events].sort((a, b) => a.position - b.position),
    rejects: [...kept, ...conflicts].sort((a, b) => a.offset - b.offset),
  };
}

function contentOf(event: MemoryEvent): string {
  const { time, isUntimed, subject, type, value, scale, data } = event;
  return JSON.stringify([
    isUntimed ? null : time,
    subject,
    type,
    decimalText({ digits: value, scale }),
    data,
  ]);
}

function asPlainData<Data>(data: Data): Data {
  return data === undefined ? data : JSON.parse(JSON.stringify(data));
}
