import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import type { Chunk } from '../../src/core/decoder.ts';
import type { CsvOptions } from '../../src/decoders/csv.ts';
import { CsvCell } from '../../src/decoders/csv-cell.ts';
import { CsvRecord } from '../../src/decoders/csv-record.ts';
import { decodeCsv, USUAL } from '../support/decode-csv.ts';
import { damaged } from '../support/decoder-suite.ts';
import { referenceCsv } from '../support/reference-csv.ts';

const FUZZ_RUNS = Number(process.env['DAYBOOK_FUZZ_RUNS'] ?? 3000);

/** As text in a cell, quoted or not. */
const quoted = (cells: fc.Arbitrary<string>) =>
  fc
    .tuple(cells, fc.nat(5))
    .map(([cell, how]) =>
      how === 0 || /[",\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell,
    );
const known = (others: fc.Arbitrary<string>, ...usual: string[]) =>
  fc.oneof({ arbitrary: fc.constantFrom(...usual), weight: 4 }, { arbitrary: others, weight: 1 });
const texts = fc.oneof(
  fc.constantFrom(
    ...['', 'a b', 'constructor', '__proto__', 'Zoë', '例え', '\u{1f600}', 'x,y', 'two\nlines'],
    ...['"', '""', 'say "so"', '\r\n', 'a\rb', '\t', ' ', 'b4f9279a0196e40632e947dd1a88e857'],
  ),
  fc.string({ unit: 'binary', maxLength: 12 }),
);
const subjects = known(texts, 'customer_1', 'customer_2', 'b4f9279a0196e40632e947dd1a88e857');
const types = known(texts, 'INGEST', 'event_1');
const ids = known(texts, '5043d817-f3a7-47d8-b680-28e55e72b507', 't1');
const clocks = fc.oneof(
  fc
    .date({ min: new Date(0), max: new Date('2100'), noInvalidDate: true })
    .map((date) => date.toISOString().slice(11, 23)),
  fc.constantFrom('02:30:00', '02:59:59.999', '01:45:30', '23:59:59.9999999999', '24:00:00'),
  fc.constantFrom('12:00:60', '12:60:00', '00:00:00.0', '00:00:00.', '9:00:00', '12:00'),
);
const dates = fc.oneof(
  fc
    .date({ min: new Date('0001'), max: new Date('9999'), noInvalidDate: true })
    .map((date) => date.toISOString().slice(0, 10)),
  fc.constantFrom('2021-03-01', '2021-03-28', '2021-10-31', '2024-02-29', '2021-02-29'),
  fc.constantFrom('2021-13-01', '2021-00-10', '2021-04-31', '0000-01-01', '1900-02-29', '21-3-1'),
);
const times = known(
  fc.oneof(
    fc
      .tuple(
        dates,
        fc.constantFrom('T', 't', ' ', ' ', '_', ''),
        clocks,
        fc.constantFrom(
          ...[
            'Z',
            'z',
            '+00',
            '+0530',
            '+05:30',
            ' +00:00',
            ' Z',
            '',
            '-00:00',
            '-23:59',
            '+24:00',
          ],
          ...['+1', '+05:3', '+05:60', ' ', '  Z', ' UTC', '+00:00:00', '+05:', '+053'],
        ),
      )
      .map((parts) => parts.join('')),
    fc.bigInt({ min: -(2n ** 53n) - 2n, max: 2n ** 53n + 2n }).map(String),
    fc.constantFrom('', '-', '-0', '+5', '12', '-12', '1e3', '9007199254740992', ' 15 ', '\t7'),
  ),
  ...['2021-03-01 00:11:25.277+00', '2021-03-01 00:03:21.74+00', '2022-03-01T03:01:00Z'],
);
const values = known(
  fc.oneof(
    fc
      .tuple(fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n }), fc.nat(20))
      .map(([whole, places]) => {
        const text = String(whole);
        return places === 0 ? text : `${text.slice(0, -places)}.${text.slice(-places)}`;
      }),
    fc.constantFrom(
      ...[
        '',
        '-',
        '+',
        '.',
        '1.',
        '.5',
        '1e3',
        '0x1',
        ' 7 ',
        '00012',
        '-0',
        '1.000000000000000000',
      ],
      ...['9223372036854775807', '-9223372036854775808', '9223372036854775808', '1,5', '1.2.3'],
      ...['1.0000000000000000000000', '9000000000.00000000000000', '0.0000000000000000001', '+-1'],
    ),
  ),
  ...['1', '-12.50', '+3', '0.125'],
);

function csvOf(...columns: fc.Arbitrary<string>[]): fc.Arbitrary<Buffer> {
  const row = fc
    .tuple(fc.tuple(...columns.map(quoted)), fc.nat(30))
    .map(([cells, how]) => (how === 0 ? cells.slice(1) : how === 1 ? [...cells, ''] : cells))
    .map((cells) => cells.join(','));
  const end = fc.constantFrom('\n', '\n', '\n', '\r\n', '\n\n');
  const lines = fc.array(
    fc.tuple(row, end).map(([text, lineEnd]) => text + lineEnd),
    {
      maxLength: 8,
    },
  );
  return fc
    .tuple(lines, fc.boolean())
    .map(([all, lastEnd]) => Buffer.from(lastEnd ? all.join('') : all.join('').trimEnd()));
}

const settings: readonly (readonly [options: CsvOptions, rows: fc.Arbitrary<Buffer>])[] = [
  [USUAL, csvOf(subjects, types, ids, times)],
  [
    { columns: { time: 1, subject: 3, value: 2 }, header: 'none', timeUnit: 'us', fields: 3 },
    csvOf(times, values, subjects),
  ],
  [
    {
      columns: { subject: 2, time: 3, id: 2 },
      header: 'none',
      timeUnit: 's',
      zone: 'Europe/Berlin',
    },
    csvOf(texts, subjects, times, texts),
  ],
  [
    {
      columns: { subject: 4, time: 1, id: 5, value: 3, type: 2 },
      header: 'none',
      timeUnit: 'ms',
      zone: 'Australia/Lord_Howe',
    },
    csvOf(times, types, values, subjects, ids),
  ],
];

describe('csv', () => {
  describe('reads what the reference reads, in whatever pieces', () => {
    for (const [options, rows] of settings) {
      const inputs = fc.oneof(rows, damaged(rows));
      const handings = fc.record({
        pieceBytes: fc.constantFrom(1, 2, 3, 17, 1000),
        keepRejects: fc.constant(true),
        ownMemory: fc.boolean(),
      });
      test(`with ${JSON.stringify(options)}`, async () => {
        await fc.assert(
          fc.asyncProperty(inputs, handings, async (input, handing) => {
            const begin = input.subarray(0, 3);
            fc.pre(
              begin.length === 0 || !Buffer.from('\ufeff').subarray(0, begin.length).equals(begin),
            );
            const { torn, ...found } = await decodeCsv(input, options, handing);
            assert.deepEqual(found, referenceCsv(input, options));
            assert.equal(torn, false);
            const { events, rejects, lines, blank } = found;
            assert.equal(events.length + rejects.length + blank, lines);
          }),
          { numRuns: Math.ceil(FUZZ_RUNS / settings.length) },
        );
      });
    }
  });

  for (const ownMemory of [false, true])
    test(`reads what the reference reads with any byte in any place of a row, in memory of its own: ${ownMemory}`, async () => {
      for (const [options, usual] of [
        [USUAL, 'customer_1,INGEST,5043d817-f3a7-47d8-b680,2021-03-01 00:11:25.27+00:00\n'],
        [USUAL, 'b4f9279a0196e40632e947dd,INGEST,t1,2022-03-01T03:01:00Z,more\r\n'],
        [{ ...settings[1]![0], timeUnit: 's' }, '-156564720,-12.50,customer_1\n'],
        [{ ...settings[3]![0], zone: undefined }, '1565647204351,x,+3,A,t1\r\n'],
        [{ ...settings[3]![0], zone: 'UTC' }, '2021-03-01 00:11:25,x,3.25,A,t1\n'],
      ] as const) {
        const rows = Array.from({ length: usual.length }, (_, at) =>
          Array.from({ length: 256 }, (_, byte) => {
            const row = Buffer.from(usual);
            row[at] = byte;
            return [row, Buffer.from(usual)];
          }),
        );
        const log = Buffer.concat([Buffer.from(usual), ...rows.flat(2)]);
        const { torn: _, ...found } = await decodeCsv(log, options, { ownMemory });
        assert.deepEqual(found, referenceCsv(log, options));
      }
    });

  test('reads the same wherever it is cut, or says that a record was cut in two', async () => {
    const [[options, rows]] = settings as [(typeof settings)[number]];
    let met = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(rows, damaged(rows)),
        fc.array(fc.nat(600), { minLength: 1, maxLength: 4 }),
        fc.constantFrom(1, 7, 1000),
        async (input, places, pieceBytes) => {
          const cuts = places.filter((at) => at > 0 && at < input.length).sort((a, b) => a - b);
          const whole = await decodeCsv(input, options);
          const { torn, ...cut } = await decodeCsv(input, options, { cuts, pieceBytes });
          if (torn) return;
          met++;
          assert.deepEqual({ ...cut, torn }, whole);
        },
      ),
      { numRuns: FUZZ_RUNS / 4 },
    );
    assert.ok(met > FUZZ_RUNS / 8, `${met}`);
  });

  test('finds the cells that csv-parse finds, and none where it throws', () => {
    const cells = fc.oneof(texts, fc.constantFrom('a"b', '"a"b', '"', ' "a"', '"a" ', '"a""'));
    const row = fc.array(fc.oneof(quoted(texts), quoted(texts), quoted(texts), cells), {
      minLength: 1,
      maxLength: 4,
    });
    const rows = fc
      .array(fc.tuple(row, fc.constantFrom('\n', '\r\n')), { maxLength: 5 })
      .map((all) => all.map(([row, end]) => row.join(',') + end).join(''));
    let accepted = 0;
    fc.assert(
      fc.property(rows, (text) => {
        let expected: string[][] | undefined;
        try {
          expected = parse(text, {
            record_delimiter: ['\r\n', '\n'],
            relax_column_count: true,
            skip_empty_lines: true,
          });
        } catch {}
        const ours = cellsOf(text);
        if (expected !== undefined) accepted++;
        assert.deepEqual(ours, expected);
      }),
      { numRuns: FUZZ_RUNS },
    );
    assert.ok(accepted > FUZZ_RUNS / 3 && accepted < FUZZ_RUNS, `${accepted}`);
  });
});

/** The cells of all records; undefined if one is malformed. Empty lines are none. */
function cellsOf(text: string): string[][] | undefined {
  const bytes = new Uint8Array([...Buffer.from(text), ...new Uint8Array(64)]);
  const end = Buffer.byteLength(text);
  const chunk: Chunk = { bytes, end, ended: true, offset: 0, line: 1, blank: 0 };
  const record = new CsvRecord();
  const cell = new CsvCell();
  const rows: string[][] = [];
  for (let at = 0; at < end; ) {
    const next = record.split(chunk, at);
    if (record.reason !== undefined) return undefined;
    const row = Array.from({ length: record.count }, (_, place) => {
      cell.take(bytes, record, at, place);
      return cell.toString();
    });
    if (record.end > at) rows.push(row);
    at = next;
  }
  return rows;
}
