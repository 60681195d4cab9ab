import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { EventBatch } from '../../../src/core/event-batch.ts';
import { EVERYTHING, type TimeRange } from '../../../src/core/time-range.ts';
import type { WindowCounter, WindowedReport } from '../../../src/core/windowed-report.ts';
import { type Window, Windows } from '../../../src/core/windows.ts';
import { type WindowBooks, WindowDealer } from '../../../src/pipeline/follow/window-dealer.ts';

/** An event with something else in each column. */
interface FullEvent {
  readonly time: number;
  readonly number: number;
  readonly value: bigint;
  readonly scale: number;
  readonly id: string;
}

const WINDOW = 10_000;

const events: fc.Arbitrary<FullEvent> = fc.record(
  {
    time: fc.nat(5 * WINDOW),
    number: fc.nat(200),
    value: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
    scale: fc.nat(18),
    id: fc.string(),
  },
  { noNullPrototype: true },
);

describe('WindowDealer', () => {
  test('deals out every event once, with all of its columns, in order', () => {
    const arbitraryBatches = fc.array(fc.array(events, { maxLength: 20 }), { maxLength: 4 });
    fc.assert(
      fc.property(arbitraryBatches, fc.boolean(), (batches, withIds) => {
        const { dealer, open, dealt, books } = started();
        for (const batch of batches) dealAll(dealer, batchOf(batch, withIds));
        const all = batches.flat().map((event) => (withIds ? event : { ...event, id: '' }));
        const windows = Map.groupBy(all, ({ time }) => time - (time % WINDOW));
        assert.deepEqual(dealt, windows);
        assert.deepEqual(
          open.map(({ start }) => start),
          [...windows.keys()].sort((a, b) => a - b),
        );
        assert.deepEqual(books, { counted: all.length, late: 0, filtered: 0 });
      }),
    );
  });

  test('keeps books of what came too late, is outside the range, or of others', () => {
    const batch = batchOf([...Array(6).keys()].map((i) => eventAt(i * WINDOW)));
    const tooLate = Uint8Array.of(1, 0, 0, 0, 1, 0);
    const closedUpTo = 2 * WINDOW;
    const range = { from: 0, to: 5 * WINDOW };
    const isOthers = ({ start }: Window) => start === 3 * WINDOW;
    for (const [needsAll, told] of [
      [false, [2, 3]],
      [true, [2, 3, 5]],
    ] as const) {
      const { dealer, dealt, books } = started({ range, needsAll, isOthers });
      dealer.deal(batch, 0, batch.length, { tooLate, closedUpTo });
      const starts = told.map((i) => i * WINDOW);
      assert.deepEqual([...dealt.keys()], starts);
      assert.deepEqual(books, { counted: 1, late: 3, filtered: 2 });
    }
  });
});

/** A dealer, and what it dealt to which window. */
function started({
  range = EVERYTHING,
  needsAll = false,
  isOthers = () => false,
}: {
  range?: TimeRange;
  needsAll?: boolean;
  isOthers?: (window: Window) => boolean;
} = {}) {
  const dealt = new Map<number, FullEvent[]>();
  const counter: Pick<WindowCounter, 'add'> = {
    add(window, batch) {
      const own = dealt.get(window.start) ?? [];
      own.push(...eventsOf(batch));
      dealt.set(window.start, own);
      return isOthers(window) ? 0 : batch.length;
    },
  };
  const open: Window[] = [];
  const books: WindowBooks = { counted: 0, late: 0, filtered: 0 };
  const report = { range, needsAll } as WindowedReport;
  const windows = new Windows({ every: '10s', align: 'clock', zone: 'UTC' });
  const into = { windows, open, counter: counter as WindowCounter };
  return { dealer: new WindowDealer(report, into, books), open, dealt, books };
}

function dealAll(dealer: WindowDealer, batch: EventBatch): void {
  const tooLate = new Uint8Array(batch.length);
  dealer.deal(batch, 0, batch.length, { tooLate, closedUpTo: Number.NEGATIVE_INFINITY });
}

function eventAt(time: number): FullEvent {
  return { time, number: 1, value: 1n, scale: 0, id: '' };
}

/** Events in a batch whose small columns all tell the number, each in its own way. */
function batchOf(all: readonly FullEvent[], withIds = true): EventBatch {
  const batch = new EventBatch();
  for (const [i, { time, number, value, scale, id }] of all.entries()) {
    batch.time[i] = time;
    batch.subject[i] = number;
    batch.object[i] = number + 1;
    batch.type[i] = number + 2;
    batch.input[i] = number + 3;
    batch.kind[i] = number + 4;
    batch.value[i] = value;
    batch.scale[i] = scale;
    const text = Buffer.from(id);
    if (withIds) batch.id.append(text, 0, text.length);
    batch.length++;
  }
  return batch;
}

function eventsOf(batch: EventBatch): FullEvent[] {
  return Array.from({ length: batch.length }, (_, i) => {
    const number = batch.subject[i]!;
    const others = [batch.object, batch.type, batch.input, batch.kind].map((column) => column[i]);
    assert.deepEqual(others, [number + 1, number + 2, number + 3, number + 4]);
    assert.ok(batch.id.length === 0 || batch.id.length === batch.length);
    const id = batch.id.length === 0 ? '' : Buffer.from(batch.id.bytesOf(i)).toString();
    return { time: batch.time[i]!, number, value: batch.value[i]!, scale: batch.scale[i]!, id };
  });
}
