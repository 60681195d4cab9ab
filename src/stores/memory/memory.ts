import type { EventBatch } from '../../core/event-batch.ts';
import type { SegmentReject } from '../../core/rejects.ts';
import {
  type Amendment,
  type Commit,
  type Committed,
  type HoursQuery,
  hasMinutes,
  type Interest,
  type Keep,
  type MinuteCount,
  type Store,
  type StoredInput,
  type StoredSegment,
  type StoreQuery,
  type Stream,
} from '../../core/store.ts';
import { HOUR } from '../../core/time.ts';
import { EVERYTHING } from '../../core/time-range.ts';
import { byRank } from '../input-rank.ts';
import { asPlainData } from '../plain-data.ts';
import { noStream, takenBack } from '../refusals.ts';
import { amendedSegment } from './memory-amendment.ts';
import { withCommit } from './memory-commit.ts';
import { withoutSubject } from './memory-erasure.ts';
import { fillBatches, type MemoryEvent, minutesOf } from './memory-events.ts';
import { idsIn, withFreed } from './memory-ids.ts';
import { countedIn, type MemoryInput, type MemorySegment, storedInput } from './memory-input.ts';
import { withoutInput } from './memory-withdrawal.ts';

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
    this.#inputsOf(commit.stream);
    const { inputs, committed } = withCommit(this.#inputs, commit, {
      ...{ keep: this.keep, stream: this.#streams.get(commit.stream)! },
      nextId: () => ++this.#latestId,
    });
    this.#inputs = inputs;
    return committed;
  }

  async finish(input: number): Promise<void> {
    const found = this.#inputs.get(input);
    if (found === undefined) return;
    const finished = { ...found, isUnfinished: false, freed: new Set<string>() };
    this.#inputs = withFreed(new Map(this.#inputs).set(input, finished), found.stream, found.freed);
  }

  async rename(input: number, name: string): Promise<void> {
    const found = this.#inputs.get(input);
    if (found) this.#inputs = new Map(this.#inputs).set(input, { ...found, name });
  }

  async withdraw(input: number): Promise<void> {
    const found = this.#inputs.get(input);
    if (found === undefined) return;
    const stream = this.#streams.get(found.stream)!;
    const { left, freed } = withoutInput(this.#inputs, input, { keep: this.keep, stream });
    this.#inputs = withFreed(left, found.stream, freed);
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
        forgotten: gone.length + erased.length,
      }),
    );
  }

  async *events(
    segment: number,
    batch: EventBatch,
    interest: Interest = EVERYTHING,
  ): AsyncGenerator<EventBatch> {
    const { events, fields, gone, erased } = this.#segment(segment);
    batch.others += gone.length + erased.length;
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
    const settled = segments.filter(({ isRest }) => !isRest);
    const count = settled.flatMap(({ events }) => events).filter(isGone).length;
    if (isTrial) return count;
    const isAnyGone = count > 0 || segments.some(({ uncounted }) => uncounted.some(isGone));
    for (const segment of segments) {
      const uncounted = segment.uncounted.filter((event) => !isGone(event));
      const [left, lost] = segment.isRest
        ? [segment.events, []]
        : [segment.events.filter((event) => !isGone(event)), segment.events.filter(isGone)];
      const gone = [...segment.gone, ...lost];
      this.#replace(segment.id, { ...segment, gone, events: left, uncounted });
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
