import type { EventBatch } from '../core/event-batch.ts';
import type { SegmentReject } from '../core/rejects.ts';
import {
  type Amendment,
  type Commit,
  type Committed,
  ConflictingCommit,
  type HoursQuery,
  hasMinutes,
  type Interest,
  type Keep,
  type MinuteCount,
  readingOf,
  type Store,
  type StoredInput,
  type StoredSegment,
  type StoreQuery,
  type Stream,
} from '../core/store.ts';
import { HOUR } from '../core/time.ts';
import { EVERYTHING } from '../core/time-range.ts';
import { byRank } from './input-rank.ts';
import { withoutSubject } from './memory-erasure.ts';
import { fillBatches, type MemoryEvent, minutesOf, readEvents } from './memory-events.ts';
import { idsIn, sifted, withEvents, withFreed } from './memory-ids.ts';
import { countedIn, type MemoryInput, type MemorySegment, storedInput } from './memory-input.ts';
import {
  noStream,
  notWithdrawn,
  notWithdrawnBefore,
  notWithdrawnErased,
  overtaken,
  takenBack,
} from './refusals.ts';

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
    const there = this.#streams.get(stream.name);
    if (there && this.#inputsOf(stream.name).length > 0) return;
    const { goneBefore } = there ?? {};
    this.#streams.set(stream.name, {
      ...asPlainData(stream),
      ...(goneBefore !== undefined && { goneBefore }),
    });
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
    const { name, stream, head, from, to, lines, blank, replaces = [], latest = Infinity } = commit;
    const own = this.#inputsOf(stream);
    const current = this.#streams.get(stream)!;
    const { fields, goneBefore = -Infinity } = current;
    if (commit.reading !== undefined && commit.reading !== readingOf(current))
      throw overtaken(name);
    const inputs = new Map(this.#inputs);
    for (const replaced of replaces) {
      if (!inputs.has(replaced)) throw overtaken(name);
      this.#refuseLost(stream, inputs.get(replaced)!.segments);
      inputs.delete(replaced);
    }
    const id = commit.input ?? ++this.#latestId;
    if (commit.input === undefined) {
      if (own.some((other) => other.id > latest)) throw overtaken(name);
      const { isUnfinished = false } = commit;
      const begun = { id, stream, name, head, isUnfinished, decoder: undefined };
      inputs.set(id, { ...begun, segments: [] });
    }
    const input = inputs.get(id);
    if (input === undefined) throw overtaken(name);
    const kept = input.segments.filter(({ isRest }) => !isRest);
    this.#refuseLost(
      stream,
      input.segments.filter(({ isRest }) => isRest),
    );
    if ((kept.at(-1)?.to ?? 0) !== from) throw overtaken(name);
    inputs.set(id, { ...input, segments: kept });
    const freed = this.#freedIn(inputs, stream);
    const given = readEvents(commit.events, commit.untimed);
    const { events, uncounted, duplicate, conflicts, fates } = sifted(given, idsIn(inputs, stream));
    if (commit.isRest && events.some(({ time }) => time < goneBefore)) throw overtaken(name);
    const books = { counted: events.length, duplicate, conflict: conflicts.length };
    if (commit.isWhole && conflicts.length > 0) throw new ConflictingCommit(fates);
    const segment: MemorySegment = {
      ...{ id: ++this.#latestId, from, to, lines, blank, ...books, fields, events },
      ...{ uncounted, gone: [], erased: 0 },
      ...{ digest: commit.digest, isRest: commit.isRest },
      rejected: Object.fromEntries(commit.rejected),
      rejects: [...commit.rejects, ...conflicts]
        .map((reject) => ({ ...reject }))
        .sort((a, b) => a.offset - b.offset),
    };
    const decoder = asPlainData(commit.decoder);
    inputs.set(id, { ...input, name, decoder, segments: [...kept, segment] });
    this.#inputs = withFreed(inputs, stream, freed);
    return { input: id, ...books, ...(events.length < given.length && { fates }) };
  }

  async finish(input: number): Promise<void> {
    const found = this.#inputs.get(input);
    if (found) this.#inputs = new Map(this.#inputs).set(input, { ...found, isUnfinished: false });
  }

  async rename(input: number, name: string): Promise<void> {
    const found = this.#inputs.get(input);
    if (found) this.#inputs = new Map(this.#inputs).set(input, { ...found, name });
  }

  async withdraw(input: number): Promise<void> {
    const found = this.#inputs.get(input);
    if (found === undefined) return;
    this.#refuseLost(found.stream, found.segments);
    const left = new Map(this.#inputs);
    left.delete(input);
    this.#inputs = withFreed(left, found.stream, this.#freedIn(left, found.stream));
  }

  async withLostDuplicates(stream: string): Promise<string[]> {
    const isLost = ({ duplicate, conflict, uncounted }: MemorySegment) =>
      this.keep === 'rollups' ? duplicate + conflict > 0 : duplicate + conflict > uncounted.length;
    const lost = this.#inputsOf(stream).filter(({ segments }) => segments.some(isLost));
    return [...new Set(lost.map(({ name }) => name))].sort();
  }

  async segments(input: number): Promise<StoredSegment[]> {
    const segments = this.#inputs.get(input)?.segments ?? [];
    return segments.map(
      ({ id, from, to, lines, blank, counted, duplicate, conflict, rejected, gone, erased }) => ({
        ...{ id, from, to, lines, blank, counted, duplicate, conflict, rejected },
        forgotten: gone.length + erased,
      }),
    );
  }

  async *events(
    segment: number,
    batch: EventBatch,
    interest: Interest = EVERYTHING,
  ): AsyncGenerator<EventBatch> {
    const { events, fields, gone, erased } = this.#segment(segment);
    batch.others += gone.length + erased;
    if (this.keep === 'events') yield* fillBatches(events, fields, batch, interest);
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
    const stream = this.#streams.get(query.stream)!;
    const events = segments.flatMap(countedIn);
    if (hasMinutes(this.keep, stream)) yield* minutesOf(events, stream.fields, query, unit);
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
    const { options, fields } = asPlainData(stream);
    this.#streams.set(stream.name, { ...this.#streams.get(stream.name)!, options, fields });
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
    if (isTrial) return count;
    const isAnyGone = count > 0 || segments.some(({ uncounted }) => uncounted.some(isGone));
    for (const segment of segments) {
      const gone = [...segment.gone, ...segment.events.filter(isGone)];
      const events = segment.events.filter((event) => !isGone(event));
      const isRest = segment.isRest && events.length === segment.events.length;
      const uncounted = segment.uncounted.filter((event) => !isGone(event));
      this.#replace(segment.id, { ...segment, gone, events, uncounted, isRest });
    }
    if (!isAnyGone) return 0;
    const { goneBefore = before, ...others } = this.#streams.get(stream)!;
    this.#streams.set(stream, { ...others, goneBefore: Math.max(goneBefore, before) });
    return count;
  }

  async erase(subject: string): Promise<number> {
    const { left, count } = withoutSubject(this.#inputs, subject);
    this.#inputs = left;
    return count;
  }

  async close(): Promise<void> {}

  #inputsOf(stream: string): MemoryInput[] {
    if (!this.#streams.has(stream)) throw noStream(stream);
    return [...this.#inputs.values()].filter((input) => input.stream === stream);
  }

  /** @throws DaybookError `USAGE` - Some segments cannot be withdrawn, since events are not kept any more. */
  #refuseLost(stream: string, segments: readonly MemorySegment[]): void {
    if (segments.length === 0) return;
    if (this.keep === 'rollups') throw notWithdrawn();
    const { goneBefore = -Infinity } = this.#streams.get(stream)!;
    if (segments.flatMap(countedIn).some(({ time }) => time < goneBefore))
      throw notWithdrawnBefore(goneBefore);
    if (segments.some(({ erased }) => erased > 0)) throw notWithdrawnErased();
  }

  /** The ids that count, but not in what is left. */
  #freedIn(left: ReadonlyMap<number, MemoryInput>, stream: string): Set<string> {
    const ids = new Set(idsIn(this.#inputs, stream).keys());
    return ids.difference(idsIn(left, stream));
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
  const rejected = { ...segment.rejected };
  const taken = segment.rejects.filter((reject) => isReject(reject) && places.has(reject.offset));
  for (const { reason } of taken) if (--rejected[reason]! === 0) delete rejected[reason];
  const kept = segment.rejects.filter((reject) => !taken.includes(reject));
  const { fields } = amendment.events;
  return withEvents({ ...segment, rejected, fields, rejects: kept }, found, known);
}

function asPlainData<Data>(data: Data): Data {
  return data === undefined ? data : JSON.parse(JSON.stringify(data));
}
