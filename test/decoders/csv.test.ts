import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { type Chunk, MAX_RECORD_BYTES } from '../../src/core/decoder.ts';
import { DaybookError } from '../../src/core/errors.ts';
import { type CsvOptions, csv } from '../../src/decoders/csv.ts';
import { CsvCell } from '../../src/decoders/csv-cell.ts';
import { CsvRecord } from '../../src/decoders/csv-record.ts';
import { BUFFER_BYTES } from '../../src/pipeline/read/record-buffer.ts';
import { decodeCsv } from '../support/decode-csv.ts';
import { damaged } from '../support/decoder-suite.ts';
import { needsSharedData, SHARED_DATA } from '../support/needs.ts';
import { referenceCsv } from '../support/reference-csv.ts';

const FUZZ_RUNS = Number(process.env['DAYBOOK_FUZZ_RUNS'] ?? 3000);
const USUAL: CsvOptions = {
  columns: { subject: 1, type: 2, id: 3, time: 4 },
  header: 'none',
  timeUnit: 'ms',
};

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

  /** What is wrong with rows that follow one that is right, and the same alone. */
  async function reasonsOf(rows: string | Buffer, options: CsvOptions = USUAL): Promise<string[]> {
    const known = `customer_1,INGEST,t1,${TIME}\n`.repeat(2);
    const input = Buffer.concat([Buffer.from(known), Buffer.from(rows)]);
    const { events, rejects } = await decodeCsv(input, options);
    const alone = await decodeCsv(Buffer.from(rows), options);
    assert.equal(events.length, alone.events.length + 2);
    const reasons = rejects.map(({ reason }) => reason);
    assert.deepEqual(
      alone.rejects.map(({ reason }) => reason),
      reasons,
    );
    return reasons;
  }

  /** The times that are read from cells, or why not. */
  async function timesOf(
    cells: readonly string[],
    options: Partial<CsvOptions> = {},
  ): Promise<(number | string)[]> {
    const columns = { subject: 1, time: 2 };
    const reading = { ...USUAL, columns, ...options };
    const times: (number | string)[] = [];
    for (const cell of cells) {
      const row = Buffer.from(`A,${cell}\n`);
      const { events, rejects } = await decodeCsv(row, reading);
      const time = events[0]?.time ?? rejects[0]!.reason;
      for (const ownMemory of [false, true]) {
        const behind = Buffer.concat([Buffer.from('A,1\n'), row]);
        const again = await decodeCsv(behind, reading, { ownMemory });
        assert.equal(again.events[1]?.time ?? again.rejects[0]!.reason, time, cell);
      }
      times.push(time);
    }
    return times;
  }

  test('names the first thing that is wrong with a row', async () => {
    const reasons: Record<string, string> = {
      [`"",INGEST,t1,${TIME}`]: 'subject',
      [`,INGEST,t1,${TIME}`]: 'subject',
      [`a\0b,INGEST,t1,${TIME}`]: 'subject',
      [`"a\nb",INGEST,t1,${TIME}`]: 'subject',
      'customer_1,INGEST,t1': 'field count',
      customer_1: 'field count',
      'customer_1,INGEST,t1,': 'time',
      'customer_1,INGEST,t1,""': 'time',
      'customer_1,INGEST,t1,2021-03-01': 'time',
      'customer_1,INGEST,t1,2021-03-01 00:11:25': 'no zone',
      [`customer_1,INGEST,,${TIME}`]: 'id',
      [`customer_1,INGEST,"",${TIME}`]: 'id',
      [`customer_1,IN"GEST,t1,${TIME}`]: 'quote',
      [`customer_1,INGEST,t1,${TIME},x"`]: 'quote',
      [`"customer_1"x,INGEST,t1,${TIME}`]: 'quote',
      [`"customer_1" ,INGEST,t1,${TIME}`]: 'quote',
      [`"customer_1"\r,INGEST,t1,${TIME}`]: 'quote',
      [`"customer_1,INGEST,t1,${TIME}`]: 'quote',
    };
    for (const [row, reason] of Object.entries(reasons))
      assert.deepEqual(await reasonsOf(row), [reason], JSON.stringify(row));
    const latin1 = Buffer.from(`Zo\xeb,INGEST,t1,${TIME}`, 'latin1');
    assert.deepEqual(await reasonsOf(latin1), ['encoding']);
    assert.deepEqual(await reasonsOf(Buffer.from(`customer_1,INGEST,\xeb,${TIME}`, 'latin1')), [
      'encoding',
    ]);
    const unused = { ...USUAL, columns: { subject: 1, time: 4 } };
    assert.deepEqual(await reasonsOf(Buffer.from(`A,\xeb,\xeb,${TIME}`, 'latin1'), unused), []);
    assert.deepEqual(await reasonsOf(`A,B,C,${TIME},more`, { ...unused, fields: 4 }), [
      'field count',
    ]);
    assert.deepEqual(await reasonsOf(`A,B,C,${TIME},more`, unused), []);
  });

  test('takes the first line alone for what is wrong where a quote is', async () => {
    const good = `customer_1,INGEST,t1,${TIME}\n`;
    const log = `${good}"customer_1,INGEST\n${good}customer_1,"a\nb"x\n${good}a,"b\n${good}`;
    const { events, rejects, lines } = await decodeCsv(Buffer.from(log), USUAL);
    assert.deepEqual(
      events.map(({ line }) => line),
      [1, 3, 6, 8],
    );
    assert.deepEqual(
      rejects.map(({ line, reason }) => [line, reason]),
      [
        [2, 'quote'],
        [4, 'quote'],
        [5, 'quote'],
        [7, 'quote'],
      ],
    );
    assert.equal(lines, 8);
  });

  test('says of rows that go on behind line ends where they begin', async () => {
    const log = `"x\ny","a\r\nb\n""c""",t1,${TIME}\r\n\ncustomer_1,"\n",t2,${TIME}\nA,"\n",t3\nB`;
    const found = await decodeCsv(Buffer.from(log), { ...USUAL, columns: { subject: 3, time: 4 } });
    assert.deepEqual(found, {
      events: [
        { subject: 't1', time: INSTANT, line: 1, position: 0 },
        { subject: 't2', time: INSTANT, line: 6, position: 51 },
      ],
      rejects: [
        { reason: 'field count', line: 8, offset: 96 },
        { reason: 'field count', line: 10, offset: 105 },
      ],
      lines: 10,
      blank: 6,
      torn: false,
    });
  });

  test('reads times to the millisecond, and cuts what is finer', async () => {
    const cells = {
      '2021-03-01T00:11:25Z': '2021-03-01T00:11:25.000Z',
      '2021-03-01t00:11:25.5z': '2021-03-01T00:11:25.500Z',
      '2021-03-01 00:11:25.277+00': '2021-03-01T00:11:25.277Z',
      '2021-03-01 00:11:25.74+0530': '2021-02-28T18:41:25.740Z',
      '2021-03-01 00:11:25.123456789-05:30': '2021-03-01T05:41:25.123Z',
      '2021-03-01 00:11:25.9999999999999 +00:00': '2021-03-01T00:11:25.999Z',
      ' 2021-03-01T00:11:25Z\t': '2021-03-01T00:11:25.000Z',
      '"2021-03-01T00:11:25Z"': '2021-03-01T00:11:25.000Z',
      '2024-02-29T23:59:59Z': '2024-02-29T23:59:59.000Z',
      '1969-12-31T23:59:59.9999Z': '1969-12-31T23:59:59.999Z',
      '0000-01-01T00:00:00Z': '0000-01-01T00:00:00.000Z',
      '9999-12-31T23:59:59.999-23:59': '+010000-01-01T23:58:59.999Z',
    };
    const instants = Object.values(cells).map((time) => Date.parse(time));
    assert.deepEqual(await timesOf(Object.keys(cells)), instants);
    const none = ['2021-02-30T00:00:00Z', '2021-13-01T00:00:00Z', '2021-03-01T24:00:00Z'].concat(
      ['2021-03-01T00:00:60Z', '2021-03-01T00:60:00Z', '1900-02-29T00:00:00Z', '12:00:00'],
      ['2021-03-01T00:00:00+24:00', '2021-03-01T00:00:00+00:60', '2021-03-01T00:00:00.Z', 'now'],
      ['2021-03-01T00:00Z', '2021-03-01', '2021-3-01T00:00:00Z', '+5', '1e3', '1.5', '-', '0x10'],
    );
    assert.deepEqual(
      await timesOf(none),
      none.map(() => 'time'),
    );
  });

  test('reads whole numbers since the epoch in their unit, as far as they are exact', async () => {
    const cells = ['0', '-1', '1565647204351', '-0', '007', ' 12 ', '9007199254740992'];
    const beyond = ['9007199254740993', '-9007199254740993', '1'.repeat(400)];
    assert.deepEqual(await timesOf([...cells, ...beyond]), [
      0,
      -1,
      1565647204351,
      0,
      7,
      12,
      2 ** 53,
      ...beyond.map(() => 'time'),
    ]);
    assert.deepEqual(await timesOf(['-1', '1999', '-1999'], { timeUnit: 'us' }), [-1, 1, -2]);
    assert.deepEqual(await timesOf(['-1', '9007199254740', '9007199254741'], { timeUnit: 's' }), [
      -1000,
      9007199254740000,
      'time',
    ]);
    // What stands in the next cell is no part of a number.
    const { events } = await decodeCsv(Buffer.from('12,-5\n123\n-12,-7\n1234,-1\n'), {
      ...USUAL,
      columns: { time: 1, subject: 2 },
    });
    assert.deepEqual(
      events.map(({ time }) => time),
      [12, -12, 1234],
    );
  });

  test('takes times without a zone as a zone tells them, also where its clocks change', async () => {
    const clocks = [
      ...['2021-03-28 01:59:59.999', '2021-03-28 02:00:00', '2021-03-28 02:30:00.25'],
      ...[
        '2021-03-28 03:00:00',
        '2021-10-31 02:30:00',
        '2021-04-04 01:59:00',
        '2021-10-03 02:10:00',
      ],
      ...[
        '2021-04-04 01:29:59',
        '2021-04-04 02:00:00',
        '1883-11-18 12:03:57',
        '0001-01-01 00:00:00',
      ],
      ...['2021-03-28 02:30:00', '2021-10-03 02:45:00', '2021-04-04 01:45:00'],
    ];
    for (const zone of ['Europe/Berlin', 'Australia/Lord_Howe', 'America/New_York', 'UTC']) {
      const instants = clocks.map(
        (clock) => Temporal.PlainDateTime.from(clock).toZonedDateTime(zone).epochMilliseconds,
      );
      assert.deepEqual(await timesOf(clocks, { zone }), instants);
      assert.deepEqual(await timesOf(['2021-03-28 02:30:00Z'], { zone }), [
        Date.UTC(2021, 2, 28, 2, 30),
      ]);
    }
  });

  test('takes no name for known whose cells are not plain', async () => {
    const columns = { time: 1, subject: 2 };
    const log = ['1,A', '1,"a,b"', '1,"a""b"', '1,a,b', '1,A', '1,a"b', '1,"a\tb"', '1,A', '1,'];
    for (const end of ['\n', '\r\n']) {
      for (const ownMemory of [false, true]) {
        const bytes = Buffer.from(log.map((row) => row + end).join(''));
        const { events, rejects } = await decodeCsv(bytes, { ...USUAL, columns }, { ownMemory });
        assert.deepEqual(
          events.map(({ subject }) => subject),
          ['A', 'a,b', 'a"b', 'a', 'A', 'A'],
        );
        assert.deepEqual(
          rejects.map(({ reason }) => reason),
          ['quote', 'subject', 'subject'],
        );
      }
    }
  });

  test('reads values exactly, and no others', async () => {
    const columns = { subject: 1, time: 2, value: 3 };
    const cells = {
      '-12.50': '-12.5',
      '+3': '3',
      '0': '0',
      '-0': '0',
      ' 7 ': '7',
      '0012.0': '12',
      '9223372036854775807': '9223372036854775807',
      '-9223372036854775808': '-9223372036854775808',
      '0.000000000000000001': '0.000000000000000001',
      '9223372036.854775807': '9223372036.854775807',
      '1.0000000000000000000000': '1',
      '9000000000.00000000000000': '9000000000',
      '123456789012345678': '123456789012345678',
      '1234567890123.45': '1234567890123.45',
      '-99999999999999.9': '-99999999999999.9',
    };
    const none = ['', '-', '+', '.', '1.', '.5', '1e3', '1 2', '1.2.3', '+-1', '0x1', 'ten'].concat(
      ['9223372036854775808', '-9223372036854775809', '0.0000000000000000001', '9'.repeat(1e5)],
    );
    const log = [...Object.keys(cells), ...none].map((cell) => `A,0,${cell}\n`).join('');
    for (const ownMemory of [false, true]) {
      const { events, rejects } = await decodeCsv(
        Buffer.from(log),
        { ...USUAL, columns },
        { ownMemory },
      );
      assert.deepEqual(
        events.map(({ value }) => value),
        Object.values(cells),
      );
      assert.deepEqual(
        rejects.map(({ reason }) => reason),
        none.map(() => 'value'),
      );
    }
  });

  describe('finds a header', () => {
    const auto: CsvOptions = {
      columns: { subject: 1, time: 2 },
      header: 'auto',
      timeUnit: 'ms',
    };
    const found = async (log: string, options = auto, pieceBytes = 1 << 16) => {
      const { events, rejects, lines, blank } = await decodeCsv(Buffer.from(log), options, {
        pieceBytes,
      });
      assert.equal(events.length + rejects.length + blank, lines);
      return [events.map(({ subject }) => subject), rejects.map(({ reason }) => reason)];
    };

    test('where the first time is none, and takes it for no record', async () => {
      for (const header of [
        'customer,time',
        'customer,"the\ntime"',
        '\n \r\n\ufeffcustomer, when ',
      ])
        for (const pieceBytes of [1, 5, 100])
          assert.deepEqual(await found(`${header}\nA,1\nB,2`, auto, pieceBytes), [['A', 'B'], []]);
      assert.deepEqual(await found('\ufeffcustomer,time\r\nA,1\r\n'), [['A'], []]);
      assert.deepEqual(await found('customer,time'), [[], []]);
    });

    test('but not where it reads like one, or nothing is there, or nobody wants it', async () => {
      for (const [row, reason] of Object.entries({
        'X,2021-02-30T00:00:00Z': 'time',
        'X,2021-03-01T00:00:00': 'no zone',
        'X,': 'time',
        X: 'field count',
        'X,"time': 'quote',
      }))
        assert.deepEqual(await found(`${row}\nA,1\n`), [['A'], [reason]], row);
      assert.deepEqual(await found('A,1\ncustomer,time\n'), [['A'], ['time']]);
      assert.deepEqual(await found('customer,time\nA,1\n', { ...auto, header: 'none' }), [
        ['A'],
        ['time'],
      ]);
    });

    test('of the names that columns are asked for', async () => {
      const columns = { subject: 'who', time: 'at', value: 'how much' };
      const log = 'x,"at", who ,"how much"\nx,1,A,5\nx,2,B,6\n';
      for (const header of ['auto', 'none'] as const)
        assert.deepEqual(await found(log, { ...auto, columns, header }), [['A', 'B'], []]);
      assert.deepEqual(
        await found('2,who\n1,A\n', { ...auto, columns: { subject: 'who', time: 1 } }),
        [['A'], []],
      );
      assert.deepEqual(await found('', { ...auto, columns }), [[], []]);
    });

    test('and says which names there are where one is missing', async () => {
      const columns = { subject: 'who', time: 'at' };
      const failure = (first: string) =>
        assert.rejects(decodeCsv(Buffer.from(first), { ...auto, columns }), (error) => {
          assert.ok(error instanceof DaybookError && error.code === 'USAGE');
          assert.match(error.message, /^there is no column "at" in the first row; [^\n]+$/);
          return true;
        });
      await failure('who,"when\n?"\n');
      await failure(`who,${'x,'.repeat(10_000)}\n`);
      const { message } = await decodeCsv(Buffer.from('who,when\nA,1\n'), {
        ...auto,
        columns,
      }).then(
        () => assert.fail('nothing is missing'),
        (error: Error) => error,
      );
      assert.equal(message, 'there is no column "at" in the first row; there are "who", "when"');
    });
  });

  describe('with rows about as long as they may be', () => {
    const ofLength = (bytes: number, front: string, behind: string) =>
      front + 'x'.repeat(bytes - front.length - behind.length) + behind;
    const columns = { subject: 1, time: 2 };
    const cases: Record<string, (bytes: number) => string> = {
      'one plain cell': (bytes) => ofLength(bytes, 'A,1,', ''),
      'one quoted cell': (bytes) => ofLength(bytes, 'A,1,"', '"'),
      'a quoted cell of lines': (bytes) => ofLength(bytes, 'A,1,"\n\n', '\n"'),
      'a plain cell behind line ends': (bytes) => ofLength(bytes, 'A,1,"\n",', ''),
    };
    for (const [title, rowOf] of Object.entries(cases)) {
      const reasonBeyond = title === 'a quoted cell of lines' ? 'quote' : 'too long';
      test(`reads or rejects ${title}, in whatever pieces`, async () => {
        for (const end of ['\n', '\r\n', '']) {
          for (const [bytes, reason] of [
            [MAX_RECORD_BYTES, undefined],
            [MAX_RECORD_BYTES + 1, reasonBeyond],
            [MAX_RECORD_BYTES + 100, reasonBeyond],
          ] as const) {
            const row = rowOf(bytes) + end;
            const log = Buffer.from(`A,1\n${row}${end === '' ? '' : 'B,2\n'}`);
            const found = await decodeCsv(log, { ...USUAL, columns });
            for (const pieceBytes of [60_000, 9999])
              assert.deepEqual(await decodeCsv(log, { ...USUAL, columns }, { pieceBytes }), found);
            assert.equal(found.rejects[0]?.reason, reason);
            assert.equal(found.events.at(-1)!.subject, end === '' ? 'A' : 'B');
          }
        }
      });
    }

    test('rejects a quote that nothing closes within 1 MiB, and reads on behind its line', async () => {
      const log = Buffer.from(`A,1\nB,1,"\n${'C,2\n'.repeat(400_000)}D,"3"\n`);
      for (const pieceBytes of [1 << 16, 12_345]) {
        const { events, rejects } = await decodeCsv(log, { ...USUAL, columns }, { pieceBytes });
        assert.equal(events.length, 400_002);
        assert.deepEqual(rejects, [{ reason: 'quote', line: 2, offset: 4 }]);
      }
    });

    test('takes no time for quotes that stay open while a little comes at a time', async () => {
      const log = Buffer.from(`A,1,"${'x,y\n'.repeat(200_000)}"\n`);
      const { events } = await decodeCsv(log, { ...USUAL, columns }, { pieceBytes: 50 });
      assert.equal(events.length, 1);
    });
  });

  test('has one memory in which it reads faster, whoever asks for it', () => {
    const { room } = csv.open({ columns: { subject: 1, time: 2 }, header: 'auto', timeUnit: 'ms' });
    const memory = room?.(BUFFER_BYTES);
    assert.ok(memory);
    assert.equal(room?.(BUFFER_BYTES), memory);
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

  test('reads all rows of the real files', needsSharedData(), async () => {
    const folder = join(SHARED_DATA, 'counts');
    const files = readdirSync(folder).filter((name) => name.endsWith('.csv'));
    const counts: unknown[] = [];
    for (const name of files.sort()) {
      const bytes = readFileSync(join(folder, name));
      const { events, rejects } = await decodeCsv(bytes, { ...USUAL, header: 'auto' });
      counts.push([name, events.length, rejects.map(({ reason }) => reason)]);
    }
    assert.deepEqual(counts, [
      ['events-synthetic-17h.csv', 12_713, []],
      ['statement_example.csv', 4, []],
      ['supriya_test_events.csv', 17, ['subject', 'time']],
    ]);
  });
});

const TIME = '2021-03-01 00:11:25.277+00';
const INSTANT = Date.UTC(2021, 2, 1, 0, 11, 25, 277);

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
