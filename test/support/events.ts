import fc from 'fast-check';
import { Dictionary } from '../../src/core/dictionary.ts';
import { END, EventBatch, START } from '../../src/core/event-batch.ts';

/** One record of a session log or of a connection log, as tests write it. */
export interface TestEvent {
  readonly time: number;
  readonly name: string;
  readonly start: boolean;
  /** The other host of a connection. */
  readonly object?: string;
  readonly type?: string;
  /** How much: `value / 10 ** scale`. */
  readonly value?: bigint;
  readonly scale?: number;
  /** What else the record says, as JSON. */
  readonly data?: string;
}

/** A connection between two hosts. */
export type TestConnection = TestEvent & { readonly object: string };

/** Events as batches of a size, all of one dictionary; each is its own, to be looked at later. */
export function batchesOf(events: readonly TestEvent[], size = EventBatch.CAPACITY): EventBatch[] {
  const names = new Dictionary();
  const batches: EventBatch[] = [];
  for (let from = 0; from < events.length; from += size) {
    const batch = new EventBatch();
    batch.names = names;
    for (const [i, event] of events.slice(from, from + size).entries()) {
      batch.time[i] = event.time;
      batch.subject[i] = idOf(event.name, names);
      if (event.object !== undefined) batch.object[i] = idOf(event.object, names);
      if (event.type !== undefined) batch.type[i] = idOf(event.type, names);
      batch.value[i] = event.value ?? 0n;
      batch.scale[i] = event.scale ?? 0;
      const data = Buffer.from(event.data ?? '');
      batch.data.append(data, 0, data.length);
      batch.kind[i] = event.start ? START : END;
      batch.line[i] = from + i + 1;
      batch.position[i] = (from + i) * 20;
      batch.length++;
    }
    batches.push(batch);
  }
  return batches;
}

/** Logs of a few users in any order; times repeat, and lie close together or far apart. */
export function arbitraryLog(
  options: { maxLength?: number; times?: fc.Arbitrary<number> } = {},
): fc.Arbitrary<TestEvent[]> {
  const { maxLength = 40, times = fc.oneof(fc.nat(10), fc.nat(1_000_000)) } = options;
  const event = fc.record({
    time: times,
    name: fc.constantFrom('ALICE99', 'CHARLIE', 'constructor', '10', 'Start'),
    start: fc.boolean(),
  });
  return fc.array(event, { maxLength });
}

/** Connections of a few hosts in any order; times repeat, and lie close together or far apart. */
export function arbitraryConnections(
  options: { maxLength?: number; times?: fc.Arbitrary<number> } = {},
): fc.Arbitrary<TestConnection[]> {
  const { maxLength = 40, times = fc.oneof(fc.nat(10), fc.nat(1_000_000)) } = options;
  const host = fc.constantFrom('Matina', 'matina', 'constructor', '__proto__', '10');
  const connection = fc.record({ time: times, name: host, object: host, start: fc.constant(true) });
  return fc.array(connection, { maxLength });
}

/** The same events with every column that an event can have. */
export function withAllFields(events: readonly TestEvent[]): TestEvent[] {
  return events.map((event, i) => ({
    ...event,
    object: `host${i % 3}`,
    type: ['Start', 'constructor'][i % 2]!,
    value: BigInt(i) * (i % 2 === 0 ? 1n << 50n : -1n),
    scale: i % 19,
  }));
}

/** The log sorted by time, equal times in their order. */
export function sortedLog(events: readonly TestEvent[]): TestEvent[] {
  return events.toSorted((a, b) => a.time - b.time);
}

function idOf(text: string, names: Dictionary): number {
  const name = Buffer.from(text);
  return names.add(name, 0, name.length);
}
