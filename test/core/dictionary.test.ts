import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { Dictionary } from '../../src/core/dictionary.ts';

const names = fc.oneof(
  fc.constantFrom(
    '',
    '\0',
    'A',
    'A\0',
    'A\0\0\0',
    'AB',
    'ABC',
    'ABCD',
    'ABCDE',
    'constructor',
    '10',
  ),
  fc.string({ unit: 'binary', maxLength: 24 }),
);

describe('Dictionary', () => {
  test('numbers names in the order in which they are first seen', () => {
    fc.assert(
      fc.property(fc.array(names, { maxLength: 60 }), (all) => {
        const dictionary = new Dictionary();
        const ids = new Map<string, number>();
        for (const name of all) {
          if (!ids.has(name)) ids.set(name, ids.size);
          assert.equal(add(dictionary, name), ids.get(name));
        }
        assert.deepEqual(bytesIn(dictionary), [...ids.keys()].map(hexOf));
        assert.equal(dictionary.size, ids.size);
      }),
    );
  });

  test('takes a name from the midst of bytes, whatever stands around it', () => {
    fc.assert(
      fc.property(names, fc.uint8Array(), fc.uint8Array(), (name, before, behind) => {
        const dictionary = new Dictionary();
        const id = add(dictionary, name);
        const bytes = Buffer.concat([before, Buffer.from(name), behind]);
        assert.equal(dictionary.add(bytes, before.length, bytes.length - behind.length), id);
      }),
    );
  });

  test('takes names of another as it takes their bytes, known or new', () => {
    fc.assert(
      fc.property(fc.array(names), fc.array(names, { maxLength: 600 }), (own, others) => {
        const [byName, byBytes, other] = [new Dictionary(), new Dictionary(), new Dictionary()];
        for (const name of own) for (const each of [byName, byBytes]) add(each, name);
        for (const name of others) {
          const id = add(other, name);
          assert.equal(byName.addOf(other, id), add(byBytes, name));
        }
        assert.deepEqual(bytesIn(byName), bytesIn(byBytes));
        for (const name of others) assert.equal(add(byName, name), add(byBytes, name));
      }),
    );
  });

  test('is the same when saved and loaded, and goes on where it was', () => {
    fc.assert(
      fc.property(fc.array(names), fc.array(names), (before, after) => {
        const whole = new Dictionary();
        const first = new Dictionary();
        for (const name of before) {
          add(whole, name);
          add(first, name);
        }
        const saved = structuredClone(first.save());
        const loaded = Dictionary.load(saved);
        for (const name of [...after, ...before]) {
          assert.equal(add(loaded, name), add(whole, name));
        }
        assert.deepEqual(bytesIn(loaded), bytesIn(whole));
      }),
    );
  });

  test('leaves what was saved as it was', () => {
    const dictionary = new Dictionary();
    add(dictionary, 'ALICE99');
    const saved = dictionary.save();
    add(dictionary, 'CHARLIE');
    const loaded = Dictionary.load(saved);
    add(loaded, 'DORA');
    assert.deepEqual(bytesIn(Dictionary.load(saved)), [hexOf('ALICE99')]);
    assert.deepEqual(bytesIn(loaded), ['ALICE99', 'DORA'].map(hexOf));
  });

  test('holds many names', () => {
    const dictionary = new Dictionary();
    const count = 50_000;
    for (let i = 0; i < count; i++) assert.equal(add(dictionary, `user${i}`), i);
    const loaded = Dictionary.load(dictionary.save());
    for (let i = 0; i < count; i += 7) {
      assert.equal(add(dictionary, `user${i}`), i);
      assert.equal(add(loaded, `user${i}`), i);
      assert.equal(loaded.nameOf(i), `user${i}`);
    }
    assert.equal(dictionary.size, count);
  });

  test('tells names of 1 MiB apart by their last byte', () => {
    const dictionary = new Dictionary();
    const long = Array.from({ length: 5 }, (_, i) => 'A'.repeat((1 << 20) - 1 - i));
    const all = [...long, ...long.map((name) => `${name}B`), '', 'A'];
    const ids = all.map((name) => add(dictionary, name));
    assert.deepEqual(ids, [...all.keys()]);
    const loaded = Dictionary.load(dictionary.save());
    assert.deepEqual(
      all.map((name) => add(loaded, name)),
      ids,
    );
    assert.ok(all.every((name, id) => loaded.nameOf(id) === name));
  });

  test('adds a name that stands in its own memory', () => {
    const dictionary = new Dictionary();
    add(dictionary, 'A'.repeat(10_000));
    const bytes = dictionary.bytesOf(0);
    assert.equal(dictionary.add(bytes, 1, bytes.length), 1);
    assert.deepEqual(bytesIn(dictionary), ['A'.repeat(10_000), 'A'.repeat(9999)].map(hexOf));
  });

  test('gives names back as text, to the last character', () => {
    const dictionary = new Dictionary();
    for (const name of ['', 'Zoë', '\u{1f600}', 'A\0', '\ufeffA', 'A']) {
      assert.equal(dictionary.nameOf(add(dictionary, name)), name);
    }
  });
});

function add(dictionary: Dictionary, name: string): number {
  const bytes = Buffer.from(name);
  return dictionary.add(bytes, 0, bytes.length);
}

function bytesIn(dictionary: Dictionary): string[] {
  return Array.from({ length: dictionary.size }, (_, id) =>
    Buffer.from(dictionary.bytesOf(id)).toString('hex'),
  );
}

function hexOf(name: string): string {
  return Buffer.from(name).toString('hex');
}
