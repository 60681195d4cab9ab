import fc from 'fast-check';
import type { TestConnection, TestEvent } from './events.ts';

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const DAY = 24 * 60 * MINUTE;
/** A Monday, 8 minutes before one in the afternoon. */
export const STREAM_START: number = Date.UTC(2021, 2, 1, 12, 52);

/** Records as they come: late ones by no more than is allowed. */
export interface Stream<Event extends TestEvent = TestConnection> {
  readonly disorderMs: number;
  readonly events: readonly Event[];
}

/**
 * Connections seconds, minutes, or years apart. Some come late, by no more than is allowed and often by just
 * that.
 */
export function arbitraryStream({
  maxLength = 80,
  far = true,
}: {
  maxLength?: number;
  /** Whether there are gaps of many windows. */
  far?: boolean;
} = {}): fc.Arbitrary<Stream> {
  const steps = fc.oneof(
    { weight: 4, arbitrary: fc.nat(3 * SECOND) },
    { weight: 2, arbitrary: fc.nat(2 * MINUTE) },
    { weight: 2, arbitrary: fc.constantFrom(0, SECOND, MINUTE) },
    {
      weight: far ? 1 : 0,
      arbitrary: fc.constantFrom(30 * MINUTE, DAY, DAY + 1, 3 * DAY, 700 * DAY),
    },
  );
  const host = fc.constantFrom('Matina', 'Keimy', 'constructor', '__proto__', '10');
  const arrival = fc.oneof(
    fc.constant(0),
    fc.constant(1),
    fc.double({ min: 0, max: 1, noNaN: true }),
  );
  const record = fc.record({ step: steps, share: arrival, name: host, object: host });
  return fc
    .tuple(fc.array(record, { maxLength }), fc.constantFrom(0, SECOND, 10 * SECOND, 5 * MINUTE))
    .map(([records, disorderMs]) => {
      let time = STREAM_START;
      const events = records.map(({ step, share, name, object }) => {
        time += step;
        return { event: { time, name, object, start: true }, share };
      });
      return { disorderMs, events: arriving(events, disorderMs) };
    });
}

/**
 * Sessions of a few users within ten hours, each with its End behind its Start: a drop of more than twelve would
 * be another day where a log is followed.
 */
export function arbitrarySessions({
  maxLength = 30,
}: {
  maxLength?: number;
} = {}): fc.Arbitrary<Stream<TestEvent>> {
  const lengths = fc.oneof(fc.integer({ min: 1, max: 90 }), fc.integer({ min: 1, max: 15_000 }));
  const session = fc.record({
    begin: fc.oneof(fc.nat(600), fc.nat(20_000)),
    seconds: lengths,
    name: fc.constantFrom('ALICE99', 'CHARLIE', 'constructor', '10'),
    ends: fc.boolean(),
    shares: fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.constantFrom(0, 1)),
  });
  return fc
    .tuple(fc.array(session, { maxLength }), fc.constantFrom(0, SECOND, 10 * SECOND, 5 * MINUTE))
    .map(([sessions, disorderMs]) => {
      const events = sessions.flatMap(({ begin, seconds, name, ends, shares }) => {
        const time = begin * SECOND;
        const start = { event: { time, name, start: true }, share: shares[0] };
        const end = {
          event: { time: time + seconds * SECOND, name, start: false },
          share: shares[1],
        };
        return ends ? [start, end] : [start];
      });
      return { disorderMs, events: arriving(events, disorderMs) };
    });
}

function arriving<Event extends TestEvent>(
  events: readonly { event: Event; share: number }[],
  disorderMs: number,
): Event[] {
  return events
    .map(({ event, share }) => ({ event, at: event.time + Math.floor(share * disorderMs) }))
    .sort((a, b) => a.at - b.at)
    .map(({ event }) => event);
}

/** A connection log of these. */
export function connectionText(events: readonly TestConnection[]): string {
  return events.map(({ time, name, object }) => `${time} ${name} ${object}\n`).join('');
}

/** A session log of these, all on one day. */
export function sessionText(events: readonly TestEvent[]): string {
  return events
    .map(({ time, name, start }) => {
      const clock = new Date(time).toISOString().slice(11, 19);
      return `${clock} ${name} ${start ? 'Start' : 'End'}\n`;
    })
    .join('');
}

/** A number of ms as an option has it. */
export function durationText(ms: number): string {
  return `${ms / SECOND}s`;
}
