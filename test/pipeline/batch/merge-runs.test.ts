import assert from 'node:assert/strict';
import { closeSync } from 'node:fs';
import { after, describe, test } from 'node:test';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { Dictionary } from '../../../src/core/dictionary.ts';
import { EventBatch, START } from '../../../src/core/event-batch.ts';
import type { RunLayout } from '../../../src/pipeline/batch/event-columns.ts';
import { mergeRuns, type SegmentRuns } from '../../../src/pipeline/batch/merge-runs.ts';
import { RunWriter } from '../../../src/pipeline/batch/run-writer.ts';
import { arbitraryLog, batchesOf, type TestEvent, withAllFields } from '../../support/events.ts';

const BARE: RunLayout = { places: false, fields: ['kind'] };
const PLACED: RunLayout = { ...BARE, places: true };
const LAYOUTS: readonly RunLayout[] = [
  BARE,
  PLACED,
  { places: false, fields: ['object'] },
  { places: true, fields: ['type', 'value'] },
];
const HELD_EVENTS = 1 << 17;
const FAR_APART = fc.oneof(fc.nat(3), fc.integer({ min: -4.3e15, max: 4.3e15 }));

/** An event of a log and where it stands there. */
type PlacedEvent = TestEvent & { line: number; position: number; input: number };

describe('mergeRuns', () => {
  const log = fc.oneof(arbitraryLog(), arbitraryLog({ times: FAR_APART })).map(withAllFields);
  const segments = fc.array(log, { maxLength: 6 });
  const kinds = {
    'held runs': false,
    'spilled runs': true,
  };
  for (const [title, spilled] of Object.entries(kinds)) {
    describe(`of ${title}`, () => {
      const writers = new Map(LAYOUTS.map((layout) => [layout, new RunWriter(layout)]));
      if (spilled) for (const writer of writers.values()) fill(writer);
      const descriptors = new Set<number>();
      after(() => descriptors.forEach(closeSync));

      test('gives all events in order of time, equal times in the order of the log', () => {
        fc.assert(
          fc.property(segments, fc.constantFrom(...LAYOUTS), (logs, layout) => {
            const written = logs.map((log, rank) => write(writers.get(layout)!, log, rank));
            for (const { runs } of written) {
              for (const { held, descriptor } of runs) {
                assert.equal(held === undefined, spilled);
                if (descriptor !== undefined) descriptors.add(descriptor);
              }
            }
            assert.deepEqual(merged(written, layout), sorted(logs, layout));
          }),
        );
      });
    });
  }

  test('reads runs of many blocks side by side', () => {
    const writer = new RunWriter(PLACED);
    fill(writer);
    // Runs that lie apart, lie within each other, and alternate.
    const logs = [0, 1, 2, 1500].map((shift) =>
      Array.from({ length: 3000 }, (_, i) => event(((i * 7919) % 3000) + shift, `user${i % 10}`)),
    );
    const written = logs.map((log, rank) => write(writer, log, rank));
    try {
      const [found, expected] = [merged(written, PLACED), sorted(logs, PLACED)];
      const wrong = found.findIndex((each, i) => !isDeepStrictEqual(each, expected[i]));
      assert.deepEqual([found.length, found[wrong]], [expected.length, expected[wrong]]);
    } finally {
      closeSync(written[0]!.runs[0]!.descriptor!);
    }
  });

  test('gives batches that are full, but for the last', () => {
    const log = Array.from({ length: 2 * EventBatch.CAPACITY + 1 }, (_, i) => event(i, 'ALICE99'));
    const written = write(new RunWriter(BARE), log, 0);
    const lengths = Array.from(mergeRuns([written], BARE), ({ length }) => length);
    assert.deepEqual(lengths, [EventBatch.CAPACITY, EventBatch.CAPACITY, 1]);
  });

  test('gives nothing for no events', () => {
    const nothing = { rank: 0, linesBefore: 0, names: new Dictionary(), runs: [] };
    assert.deepEqual([...mergeRuns([], PLACED)], []);
    assert.deepEqual([...mergeRuns([nothing, nothing], PLACED)], []);
  });

  test('numbers names of all segments as one', () => {
    const logs = [
      [event(2, 'CHARLIE'), event(5, 'ALICE99')],
      [event(1, 'ALICE99'), event(3, 'constructor')],
    ];
    const written = logs.map((log, rank) => write(new RunWriter(BARE), log, rank));
    const [batch] = mergeRuns(written, BARE);
    assert.deepEqual([...batch!.subject.subarray(0, batch!.length)], [0, 1, 2, 0]);
    assert.deepEqual(
      [0, 1, 2].map((id) => batch!.names.nameOf(id)),
      ['ALICE99', 'CHARLIE', 'constructor'],
    );
  });
});

/** Has a writer hold as many events as it may, so that all further ones are spilled. */
function fill(writer: RunWriter): void {
  const [batch] = batchesOf(Array.from({ length: EventBatch.CAPACITY }, (_, i) => event(i, 'A')));
  for (let count = 0; count < HELD_EVENTS; count += batch!.length) writer.add(batch!);
  assert.ok(writer.take().every(({ held }) => held !== undefined));
}

function write(writer: RunWriter, log: readonly TestEvent[], rank: number): SegmentRuns {
  const batches = batchesOf(log);
  for (const batch of batches) writer.add(Object.assign(batch, { input: batch.input.fill(rank) }));
  return {
    rank,
    linesBefore: 100 * rank,
    names: batches[0]?.names ?? new Dictionary(),
    runs: writer.take(),
  };
}

function merged(segments: readonly SegmentRuns[], layout: RunLayout): Partial<PlacedEvent>[] {
  const events: Partial<PlacedEvent>[] = [];
  for (const batch of mergeRuns(segments, layout)) {
    for (let i = 0; i < batch.length; i++) {
      const place = { line: batch.line[i]!, position: batch.position[i]!, input: batch.input[i]! };
      const name = batch.names.nameOf(batch.subject[i]!);
      const other = {
        object: batch.names.nameOf(batch.object[i]!),
        type: batch.names.nameOf(batch.type[i]!),
        value: batch.value[i]!,
        scale: batch.scale[i]!,
      };
      const all = {
        time: batch.time[i]!,
        name,
        start: batch.kind[i] === START,
        ...other,
        ...place,
      };
      events.push(only(all, layout));
    }
  }
  return events;
}

function sorted(logs: readonly TestEvent[][], layout: RunLayout): Partial<PlacedEvent>[] {
  const place = (input: number, i: number) => ({
    input,
    line: 100 * input + i + 1,
    position: i * 20,
  });
  return logs
    .flatMap((log, rank) => log.map((each, i) => only({ ...each, ...place(rank, i) }, layout)))
    .sort((a, b) => a.time! - b.time!);
}

/** What runs keep of an event. */
function only(event: PlacedEvent, { places, fields }: RunLayout): Partial<PlacedEvent> {
  const { time, name, start, object, type, value, scale, line, position, input } = event;
  return {
    ...{ time, name },
    ...(fields.includes('kind') && { start }),
    ...(fields.includes('object') && { object: object! }),
    ...(fields.includes('type') && { type: type! }),
    ...(fields.includes('value') && { value: value!, scale: scale! }),
    ...(places && { line, position, input }),
  };
}

function event(time: number, name: string): TestEvent {
  return { time, name, start: true };
}
