import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { bill, filesOf, rejectsOf } from '../support/bill.ts';
import { arbitraryLog, type TestEvent } from '../support/events.ts';
import { needsSharedData, SHARED_DATA } from '../support/needs.ts';

const JUNK = [
  '',
  '   ',
  'INVALID LINE',
  '25:99:99 ALICE99 End',
  '14:02:03 A_B Start',
  '14:02:03 ALICE99 Started',
  '\0',
];

/** Log texts with junk, in any order of time, seconds or hours apart. */
const logTexts = fc
  .tuple(
    arbitraryLog({ times: fc.oneof(fc.nat(9), fc.nat(86_399)) }),
    fc.array(fc.constantFrom(...JUNK), { minLength: 40, maxLength: 40 }),
    fc.constantFrom('\n', '\r\n'),
    fc.boolean(),
  )
  .map(([log, junk, newline, lastNewline]) => {
    const lines = log.flatMap((event, i) =>
      junk[i] === '' ? [lineOf(event)] : [lineOf(event), junk[i]!],
    );
    return lines.join(newline) + (lastNewline ? newline : '');
  });

describe('bill', () => {
  for (const { file, expected } of answers()) {
    test(`gives the known answer for ${file}`, needsSharedData(), async () => {
      const { lines } = await bill([join(SHARED_DATA, 'bill', file)]);
      assert.deepEqual(lines.toSorted(), expected.toSorted());
    });
  }

  test('is the same wherever the log is cut', async () => {
    await fc.assert(
      fc.asyncProperty(logTexts, fc.integer({ min: 1, max: 200 }), async (log, segmentBytes) => {
        using files = filesOf({ 'app.log': log });
        assert.deepEqual(await bill(files.paths, {}, { segmentBytes }), await bill(files.paths));
        assert.deepEqual(
          await rejectsOf(files.paths, { segmentBytes }),
          await rejectsOf(files.paths),
        );
      }),
    );
  });

  test('is the same from one file, compressed ones, and rotated pieces', async () => {
    await fc.assert(
      fc.asyncProperty(logTexts, fc.nat(40), async (log, at) => {
        const lines = log.split(/(?<=\n)/);
        const pieces = [lines.slice(0, at).join(''), lines.slice(at).join('')];
        using files = filesOf({
          'app.log': log,
          'app.log.gz': Buffer.concat([...pieces, ''].map((piece) => gzipSync(piece))),
          'app.log.zst': Buffer.concat(pieces.map((piece) => zstdCompressSync(piece))),
          'app.log.2': pieces[0]!,
          'app.log.1.gz': gzipSync(pieces[1]!),
        });
        const [plain, gzip, zstd, ...rotated] = files.paths;
        const whole = await bill([plain!]);
        assert.deepEqual(await bill([gzip!]), whole);
        assert.deepEqual(await bill([zstd!]), whole);
        assert.deepEqual(await bill(rotated), whole);
      }),
      { numRuns: 40 },
    );
  });

  test('is in any disorder that of the stably sorted log, and says so', async () => {
    await fc.assert(
      fc.asyncProperty(
        logTexts,
        fc.integer({ min: 1, max: 500 }),
        fc.boolean(),
        async (log, segmentBytes, explain) => {
          const lines = log
            .split(/\r?\n/)
            .filter((line) => /^\d\d:\d\d:\d\d \w+ (Start|End)$/.test(line) && !/^25|_/.test(line));
          const sorted = lines.toSorted((a, b) =>
            a.slice(0, 8) < b.slice(0, 8) ? -1 : a.slice(0, 8) > b.slice(0, 8) ? 1 : 0,
          );
          using files = filesOf({ 'app.log': log, 'sorted.log': sorted.join('\n') });
          const [disordered, inOrder] = files.paths;
          const [left, right] = [
            await bill([disordered!], { explain }, { segmentBytes }),
            await bill([inOrder!], { explain }),
          ];
          const facts = (line: string) =>
            line
              .split(' ')
              .slice(0, explain ? 4 : 3)
              .join(' ');
          assert.deepEqual(left.lines.map(facts), right.lines.map(facts));
          assert.equal(left.notes.includes('out-of-order'), lines.join() !== sorted.join());
        },
      ),
    );
  });

  test('explains each session by lines that say what it says', async () => {
    await fc.assert(
      fc.asyncProperty(logTexts, async (log) => {
        using files = filesOf({ 'app.log': log });
        const { lines } = await bill(files.paths, { explain: true });
        const text = log.split('\n');
        for (const line of lines) {
          const [, name, start, end, startPlace, endPlace] =
            /^(\S+) (\S+) (\S+) \d+ .*? ((?:\S+ \d+ \d+)|- - -) ((?:\S+ \d+ \d+)|- - -)$/.exec(
              line,
            ) ?? assert.fail(line);
          for (const [place, time, marker] of [
            [startPlace, start, 'Start'],
            [endPlace, end, 'End'],
          ]) {
            if (place === '- - -') continue;
            const [, lineNumber, offset] = place!.split(' ');
            const record = `${time} ${name} ${marker}`;
            assert.equal(text[Number(lineNumber) - 1]!.trim(), record);
            assert.ok(Buffer.from(log).subarray(Number(offset)).toString().startsWith(record));
          }
        }
      }),
    );
  });

  test('prices seconds exactly', async () => {
    using files = filesOf({ 'app.log': '00:00:00 A Start\n00:00:03 A End\n' });
    const { lines } = await bill(files.paths, {
      rate: '0.1000000000000000055511151231257827',
      currency: 'EUR',
    }).catch(() => ({ lines: [] }));
    assert.deepEqual(lines, []);
    const priced = await bill(files.paths, {
      rate: '0.100000000000000005551115123125',
      currency: 'EUR',
    });
    assert.deepEqual(priced.lines, ['A 1 3 0.300000000000000016653345369375 EUR']);
    assert.deepEqual(priced.notes, ['total']);
    assert.deepEqual((await bill(files.paths, { rate: '0.50' })).lines, ['A 1 3 1.50 -']);
  });
});

function lineOf({ time, name, start }: TestEvent): string {
  const clock = new Date(time * 1000).toISOString().slice(11, 19);
  return `${clock} ${name} ${start ? 'Start' : 'End'}`;
}

function answers(): { file: string; expected: string[] }[] {
  const path = join(SHARED_DATA, 'bill', 'answers.json');
  if (needsSharedData().skip !== false)
    return [{ file: 'every log with a known answer', expected: [] }];
  return JSON.parse(readFileSync(path, 'utf8')) as { file: string; expected: string[] }[];
}
