import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { describe, test } from 'node:test';
import type { Input, Source } from '../../../src/core/source.ts';
import type { StoredInput } from '../../../src/core/store.ts';
import { identify } from '../../../src/pipeline/read/identify.ts';

const LONG = 'the same beginning of many logs\n'.repeat(300);

describe('an input', () => {
  test('without anything in the store is new', async () => {
    const { kind, stored, headUpTo, hash } = await identified('abc', []);
    assert.deepEqual([kind, stored, hash.position], ['new', undefined, 0]);
    assert.deepEqual(headUpTo(9), { bytes: 3, digest: sha256('abc') });
    assert.deepEqual(headUpTo(2), { bytes: 2, digest: sha256('ab') });
  });

  test('is known by its whole content, whatever it is called', async () => {
    const known = [stored('a', 'abc'), stored('b', LONG)];
    for (const content of ['abc', LONG]) {
      const { kind, stored: found } = await identified(content, known, 'other');
      assert.deepEqual([kind, found!.digest], ['known', sha256(content)]);
    }
  });

  test('has grown where its beginning is known, the longest of several', async () => {
    const known = [stored('a', LONG), stored('b', `${LONG}b`), stored('c', `${LONG}c`)];
    const { kind, stored: found, hash } = await identified(`${LONG}bd`, known, 'c');
    assert.deepEqual([kind, found!.name], ['grown', 'b']);
    assert.deepEqual([hash.position, hash.digest], [LONG.length + 1, sha256(`${LONG}b`)]);
    assert.equal((await identified(`${LONG}x`, known)).stored!.name, 'a');
  });

  test('goes on in front of a last record without its end', async () => {
    const known = [stored('a', 'abc\nde', 4)];
    const grown = await identified('abc\ndef\n', known);
    assert.deepEqual([grown.kind, grown.hash.position], ['grown', 4]);
    assert.equal(grown.hash.digest, sha256('abc\n'));
    assert.equal((await identified('abc\nde', known)).kind, 'known');
  });

  test('was changed where something else was called by its name', async () => {
    const known = [stored('a', LONG), stored('b', 'abc')];
    for (const content of ['', 'abx', LONG.slice(0, -1), `x${LONG}`, `${LONG.slice(0, -1)}x`]) {
      const { kind, stored: found } = await identified(content, known, 'a');
      assert.deepEqual([kind, found!.name], ['changed', 'a'], content.slice(0, 5));
      assert.equal((await identified(content, known, 'other')).kind, 'new');
    }
  });

  test('is looked at until a signal', async () => {
    const looking = identify(INPUT, sourceOf('abcd'), [stored('a', 'abc')], AbortSignal.abort());
    await assert.rejects(looking, { code: 'INTERRUPTED' });
  });
});

const INPUT: Input = {
  ...{ name: 'x', source: 'file', encoding: 'plain', splittable: true, replayable: true },
};

function identified(content: string, known: readonly StoredInput[], name = 'x') {
  return identify({ ...INPUT, name }, sourceOf(content), known);
}

/** A source of one content, read in pieces. */
function sourceOf(content: string): Source {
  return {
    summary: '',
    inputs: async () => [],
    open() {
      let at = 0;
      return {
        consumedBytes: 0,
        async read(into) {
          const piece = Buffer.from(content).subarray(at, at + Math.min(1000, into.length));
          into.set(piece);
          at += piece.length;
          return piece.length;
        },
        close() {},
      };
    },
  };
}

function stored(name: string, content: string, settled = content.length): StoredInput {
  const head = content.slice(0, 4096);
  return {
    ...{ id: content.length, name, position: content.length, digest: sha256(content) },
    head: { bytes: head.length, digest: sha256(head) },
    settled: { position: settled, digest: sha256(content.slice(0, settled)) },
    ...{ lines: 1, blank: 0, counted: 1, duplicate: 0, conflict: 0, rejected: {} },
    ...{ firstTime: undefined, lastTime: undefined, decoder: undefined },
  };
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
