import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Input } from '../../../src/core/source.ts';
import { follows, lanesFor, segmentsOf } from '../../../src/pipeline/read/segment.ts';

const MIB = 1 << 20;
const END = Number.POSITIVE_INFINITY;
const PLAIN: Input = {
  name: 'app.log',
  source: 'file',
  encoding: 'plain',
  splittable: true,
  replayable: true,
};
const PACKED: Input = { ...PLAIN, encoding: 'gzip', splittable: false };

const sizes = fc.oneof(fc.integer({ min: 1, max: 20 * MIB }), fc.integer({ min: 1, max: 2 ** 32 }));
const inputs = fc.array(
  fc.oneof(
    sizes.map((sizeBytes): Input => ({ ...PLAIN, sizeBytes })),
    fc.constant<Input>({ ...PACKED, sizeBytes: 100 * MIB }),
    fc.constant<Input>({ ...PACKED, replayable: false }),
  ),
  { maxLength: 4 },
);

describe('segmentsOf', () => {
  test('cuts inputs into segments that follow each other without gap or overlap', () => {
    const some = fc.option(fc.integer({ min: 1 << 24 }), { nil: undefined });
    fc.assert(
      fc.property(inputs, fc.integer({ min: 1, max: 16 }), some, (all, lanes, segmentBytes) => {
        const segments = segmentsOf(all, { lanes, sequential: false, segmentBytes });
        for (const [index, segment] of segments.entries()) {
          const before = segments[index - 1];
          assert.equal(segment.index, index);
          assert.equal(segment.input, all[segment.rank]);
          assert.ok(segment.from < segment.to);
          if (segment.from > 0)
            assert.deepEqual([before?.rank, before?.to], [segment.rank, segment.from]);
          else assert.deepEqual([before?.rank ?? -1, before?.to ?? END], [segment.rank - 1, END]);
        }
        assert.deepEqual(
          [segments.at(-1)?.rank ?? -1, segments.at(-1)?.to ?? END],
          [all.length - 1, END],
        );
      }),
    );
  });

  test('gives every lane several segments of a large file', () => {
    for (const lanes of [2, 4, 16]) {
      const segments = segmentsOf([{ ...PLAIN, sizeBytes: 2000 * MIB }], {
        lanes,
        sequential: false,
      });
      assert.ok(segments.length >= 4 * lanes && segments.length <= 600, `${segments.length}`);
    }
  });

  test('cuts nothing for one lane', () => {
    const [segment, ...others] = segmentsOf([{ ...PLAIN, sizeBytes: 2 ** 40 }], {
      lanes: 1,
      sequential: false,
    });
    assert.deepEqual([segment?.from, segment?.to, others], [0, END, []]);
  });

  test('leaves inputs whole that are read in order, compressed, or without a length', () => {
    const whole = { index: 0, rank: 0, from: 0, to: END };
    const large = { ...PLAIN, sizeBytes: 100 * MIB };
    for (const [input, sequential] of [
      [large, true],
      [{ ...PACKED, sizeBytes: 100 * MIB }, false],
      [PACKED, false],
    ] as const) {
      const segments = segmentsOf([input], { lanes: 4, sequential, segmentBytes: 10 });
      assert.deepEqual(segments, [{ ...whole, input }]);
    }
  });

  test('cuts to a size that is given', () => {
    for (const [sizeBytes, cuts] of [
      [25, [0, 10, 20]],
      [30, [0, 10, 20]],
      [10, [0]],
    ] as const) {
      const segments = segmentsOf([{ ...PLAIN, sizeBytes }], {
        lanes: 1,
        sequential: false,
        segmentBytes: 10,
      });
      assert.deepEqual(
        segments.map(({ from }) => from),
        cuts,
      );
    }
  });
});

describe('follows', () => {
  test('is true of neighbours in one input', () => {
    const [a, b, c, d] = segmentsOf(
      [
        { ...PLAIN, sizeBytes: 30 },
        { ...PLAIN, sizeBytes: 10 },
      ],
      { lanes: 1, sequential: false, segmentBytes: 10 },
    );
    assert.deepEqual(
      [follows(b!, a!), follows(c!, b!), follows(d!, c!), follows(c!, a!), follows(a!, b!)],
      [true, true, false, false, false],
    );
  });
});

describe('lanesFor', () => {
  test('starts one lane for little, or what must be read in order', () => {
    assert.equal(lanesFor([], { threads: 8 }, false), 1);
    assert.equal(lanesFor([{ ...PLAIN, sizeBytes: 1000 }], { threads: 8 }, false), 1);
    assert.equal(lanesFor([PACKED], { threads: 8 }, false), 1);
    assert.equal(lanesFor([{ ...PLAIN, sizeBytes: 2 ** 40 }], { threads: 8 }, true), 1);
  });

  test('starts more lanes for more, and no more than there are threads', () => {
    assert.equal(lanesFor([{ ...PLAIN, sizeBytes: 32 * MIB }], { threads: 8 }, false), 2);
    assert.equal(lanesFor([{ ...PLAIN, sizeBytes: 2 ** 40 }], { threads: 8 }, false), 8);
    const packed = { ...PACKED, sizeBytes: 10 * MIB };
    assert.ok(lanesFor([packed, packed, packed], { threads: 8 }, false) >= 3);
  });
});
