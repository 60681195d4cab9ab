import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { CsvOptions } from '../../src/decoders/csv.ts';
import { decodeCsv, USUAL } from '../support/decode-csv.ts';

describe('csv', () => {
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
});
