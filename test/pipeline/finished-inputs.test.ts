import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { LiveInput } from '../../src/core/live-source.ts';
import type { Input, Source } from '../../src/core/source.ts';
import { finishedInputs } from '../../src/pipeline/finished-inputs.ts';

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

  test('has nothing to wait for and no marks', async () => {
    const { source } = opened();
    await source.changed(3_600_000, new AbortController().signal);
    assert.deepEqual(source.marks(), []);
  });
});

/** A source of these texts, three bytes a read, and which of them are open. */
function opened() {
  const open: string[] = [];
  const fake: Source = {
    summary: '',
    inputs: async () => [],
    open({ name }) {
      const bytes = Buffer.from(TEXTS[name]!);
      let at = 0;
      return {
        get consumedBytes() {
          return at;
        },
        read(into) {
          if (at === 0) open.push(name);
          const length = bytes.copy(into, 0, at, at + Math.min(3, into.length));
          at += length;
          return length;
        },
        close: () => void (open.includes(name) && open.splice(open.indexOf(name), 1)),
      };
    },
  };
  const inputs = Object.keys(TEXTS).map(
    (name): Input => ({
      name,
      source: 'fake',
      encoding: 'plain',
      splittable: false,
      replayable: name !== 'pipe',
    }),
  );
  return { source: finishedInputs({ fake }, inputs), open };
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
