import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { LiveInput } from '../../../src/core/live-source.ts';
import type { Input, Source } from '../../../src/core/source.ts';
import {
  type FinishedOptions,
  finishedInputs,
} from '../../../src/pipeline/read/finished-inputs.ts';

const RUNS = Math.ceil(Number(process.env['DAYBOOK_FUZZ_RUNS'] ?? 3000) / 10);
const TEXTS: Record<string, string> = { a: 'one\ntwo', b: '', pipe: 'three\n' };

describe('finishedInputs', () => {
  test('brings every input once, in order, to be read to its end', async () => {
    const { source, open } = opened();
    assert.ok(source.finished);
    assert.deepEqual(open, []);
    const inputs = await source.arrivals();
    assert.deepEqual(
      inputs.map(({ name, rank, from, lines, withinLine }) => [
        name,
        rank,
        from,
        lines,
        withinLine,
      ]),
      [
        ['a', 0, 0, 0, false],
        ['b', 1, 0, 0, false],
        ['pipe', 2, 0, 0, false],
      ],
    );
    assert.deepEqual(await source.arrivals(), []);
    for (const input of inputs) assert.equal(await textOf(input), TEXTS[input.name]);
    assert.deepEqual(
      inputs.map(({ end }) => end),
      ['whole', 'whole', 'whole'],
    );
    assert.deepEqual(open, []);
  });

  test('shows the first bytes of what can be read again', async () => {
    const { source, open } = opened();
    const [a, b, pipe] = await source.arrivals();
    const shown = async (input: LiveInput | undefined, size: number) =>
      Buffer.from(await input!.head(size)).toString();
    assert.equal(await shown(a, 5), 'one\nt');
    assert.equal(await shown(a, 100), 'one\ntwo');
    assert.equal(await shown(b, 100), '');
    assert.equal(await shown(pipe, 100), '');
    assert.deepEqual(open, []);
    assert.equal(await textOf(a!), TEXTS['a']);
  });

  test('opens an input when it is read, and closes all that are open', async () => {
    const { source, open } = opened();
    const [a, , pipe] = await source.arrivals();
    await a!.read(new Uint8Array(1));
    await pipe!.read(new Uint8Array(1));
    assert.deepEqual(open, ['a', 'pipe']);
    await source.settled(a!);
    await source.close();
    assert.deepEqual(open, []);
  });

  test('gives every byte in whatever order inputs are read, with few open at a time', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(arbitraryInput, { maxLength: 8 }),
        fc.integer({ min: 1, max: 3 }),
        fc.infiniteStream(fc.nat()),
        async (inputs, mostOpen, turns) => {
          const texts = inputs.map(({ text }) => text);
          const progress: number[] = [];
          const { source, open, opened, most } = openedInputs(inputs, {
            mostOpen,
            onProgress: (bytes) => progress.push(bytes),
          });
          const arrived = await source.arrivals();
          const found = arrived.map(() => '');
          const into = new Uint8Array(2);
          for (let left = arrived; left.length > 0; left = left.filter(({ end }) => !end)) {
            const input = left[turns.next().value! % left.length]!;
            const count = await input.read(into);
            found[input.rank] += Buffer.from(into.subarray(0, count)).toString();
          }
          assert.deepEqual(found, texts);
          assert.deepEqual(open, []);
          assert.ok(most() <= mostOpen);
          const twice = opened.filter((name, i) => opened.indexOf(name) !== i);
          for (const name of twice) assert.ok(inputs[Number(name)]!.splittable);
          const total = texts.join('').length;
          assert.equal(progress.at(-1) ?? 0, total);
          for (const [i, bytes] of progress.entries()) assert.ok(bytes > (progress[i - 1] ?? 0));
          await source.close();
        },
      ),
      { numRuns: RUNS },
    );
  });

  test('closes what can be read on at no cost, and what is compressed only where nothing else is', async () => {
    const files = { splittable: true, replayable: true };
    const packed = { splittable: false, replayable: true };
    const { source, open } = openedInputs(
      [
        { text: 'packed', ...packed },
        { text: 'plain', ...files },
        { text: 'second', ...packed },
        { text: 'third', ...packed },
      ],
      { mostOpen: 2 },
    );
    const inputs = await source.arrivals();
    const seen: string[] = [];
    for (const rank of [0, 1, 2, 3, 0]) {
      await inputs[rank]!.read(new Uint8Array(1));
      seen.push(open.join());
    }
    assert.deepEqual(seen, ['0', '0,1', '0,2', '2,3', '2,3']);
    await source.close();
    assert.deepEqual(open, []);
  });

  test('never closes what can be read but once', async () => {
    const pipe = { text: 'pipe', splittable: false, replayable: false };
    const { source, open } = openedInputs([pipe, pipe, pipe], { mostOpen: 1 });
    for (const input of await source.arrivals()) await input.read(new Uint8Array(1));
    assert.deepEqual(open, ['0', '1', '2']);
    await source.close();
  });

  test('stops when it is told to, while it puts aside what is compressed', async () => {
    const stop = new AbortController();
    const packed = { text: 'packed', splittable: false, replayable: true };
    const { source } = openedInputs([packed, packed], { mostOpen: 1, signal: stop.signal });
    const [first, second] = await source.arrivals();
    await first!.read(new Uint8Array(1));
    stop.abort();
    await assert.rejects(async () => second!.read(new Uint8Array(1)), { code: 'INTERRUPTED' });
    await source.close();
  });

  test('has nothing to wait for and no marks', async () => {
    const { source } = opened();
    await source.changed(3_600_000, new AbortController().signal);
    assert.deepEqual(source.marks(), []);
  });
});

/** What an input holds, and how it can be read. */
interface FakeContent {
  readonly text: string;
  readonly splittable: boolean;
  readonly replayable: boolean;
  readonly name?: string;
}

const arbitraryInput: fc.Arbitrary<FakeContent> = fc.record({
  text: fc.stringMatching(/^[a-z\n]{0,20}$/),
  splittable: fc.boolean(),
  replayable: fc.constant(true),
});

/** A source of `TEXTS`, of which the pipe can be read but once. */
function opened() {
  const inputs = Object.entries(TEXTS).map(([name, text]) => {
    return { name, text, splittable: false, replayable: name !== 'pipe' };
  });
  return openedInputs(inputs);
}

/** A source of these inputs, three bytes a read, which of them are open, and which were ever opened. */
function openedInputs(contents: readonly FakeContent[], options: FinishedOptions = {}) {
  const open: string[] = [];
  const opened: string[] = [];
  let most = 0;
  const inputs = contents.map(
    ({ name, splittable, replayable }, rank): Input => ({
      name: name ?? String(rank),
      source: 'fake',
      encoding: splittable ? 'plain' : 'unknown',
      splittable,
      replayable,
    }),
  );
  const fake: Source = {
    summary: '',
    inputs: async () => [],
    open(input, from) {
      const { name } = input;
      assert.ok(from === 0 || input.splittable);
      const bytes = Buffer.from(contents[inputs.indexOf(input)]!.text);
      let at = from;
      let isOpen = false;
      return {
        get consumedBytes() {
          return at - from;
        },
        read(into) {
          if (!isOpen) {
            opened.push(name);
            most = Math.max(most, open.push(name));
          }
          isOpen = true;
          const length = bytes.copy(into, 0, at, at + Math.min(3, into.length));
          at += length;
          return length;
        },
        close: () => void (open.includes(name) && open.splice(open.indexOf(name), 1)),
      };
    },
  };
  return { source: finishedInputs({ fake }, inputs, options), open, opened, most: () => most };
}

async function textOf(input: LiveInput): Promise<string> {
  let text = '';
  const into = new Uint8Array(2);
  while (input.end === undefined) {
    const length = await input.read(into);
    text += Buffer.from(into.subarray(0, length)).toString();
  }
  assert.equal(await input.read(into), 0);
  return text;
}
