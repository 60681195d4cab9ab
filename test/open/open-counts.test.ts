import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type CountsRequest, openCounts } from '../../src/open/open-counts.ts';
import { filesOf } from '../support/bill.ts';
import { shownReport } from '../support/report.ts';

const EVENTS = `acme,login,t1,2021-03-01 00:20:00+00
umbra,login,t2,2021-03-01 05:30:00+00
acme,upload,t3,2021-03-01 02:00:00+00
acme,login,t4,2021-03-01T00:59:59.999Z
`;
const DAY_EVENTS = (...times: string[]) => times.map((time) => `acme,x,t,${time}\n`).join('');

describe('openCounts', () => {
  test('shows everybody, by name, the hours with events', async () => {
    assert.deepEqual(await rowsOf(EVENTS), [
      'acme 00:00 2 none',
      'acme 02:00 1 none',
      'umbra 05:00 1 none',
    ]);
  });

  test('shows an asked subject also where it has no events, from the first to the last of anybody', async () => {
    assert.deepEqual(await rowsOf(EVENTS, { subjects: ['acme'] }), [
      ...['acme 00:00 2 none', 'acme 01:00 0 none', 'acme 02:00 1 none'],
      ...['acme 03:00 0 none', 'acme 04:00 0 none', 'acme 05:00 0 none'],
    ]);
  });

  test('shows zeros of nobody, and subjects in the order in which they are asked for', async () => {
    const range = { from: '2021-03-01T05:00:00Z', to: '2021-03-01T06:00:00Z' };
    const subjects = ['umbra', 'constructor', 'umbra', '__proto__', 'acme', ''];
    assert.deepEqual(await rowsOf(EVENTS, { ...range, subjects }), [
      ...['umbra 05:00 1 none', 'constructor 05:00 0 none', '__proto__ 05:00 0 none'],
      ...['acme 05:00 0 none', ' 05:00 0 none'],
    ]);
  });

  test('shows zeros of a range without any event, and of no file', async () => {
    const range = { from: '2022-01-01T10:30:00Z', to: '2022-01-01T12:00:00Z' };
    const zeros = ['acme 10:00 0 start', 'acme 11:00 0 none'];
    assert.deepEqual(await rowsOf(EVENTS, { ...range, subjects: ['acme'] }), zeros);
    assert.deepEqual(await rowsOf('', { ...range, subjects: ['acme'] }), zeros);
    assert.deepEqual(await rowsOf(EVENTS, range), []);
  });

  test('shows nothing of an empty range, or where there is nothing to go by', async () => {
    const at = '2021-03-01T00:20:00Z';
    const subjects = ['acme'];
    assert.deepEqual(await rowsOf(EVENTS, { from: at, to: at, subjects }), []);
    assert.deepEqual(await rowsOf('', { subjects }), []);
    assert.deepEqual(await rowsOf(EVENTS, { from: '2022-01-01T00:00:00Z', subjects }), []);
    assert.deepEqual(await rowsOf(EVENTS, { to: '2020-01-01T00:00:00Z', subjects }), []);
  });

  test('counts the first instant of a range, not its end, and says which buckets it cuts', async () => {
    const within = (from: string, to: string) =>
      rowsOf(EVENTS, { from: `2021-03-01T${from}Z`, to: `2021-03-01T${to}Z` });
    assert.deepEqual(await within('00:20:00', '00:59:59.999'), ['acme 00:00 1 both']);
    assert.deepEqual(await within('00:20:00.001', '01:00:00'), ['acme 00:00 1 start']);
    assert.deepEqual(await within('00:00:00', '00:20:00.001'), ['acme 00:00 1 end']);
    assert.deepEqual(await within('00:00:00', '01:00:00'), ['acme 00:00 2 none']);
    const open = await rowsOf(EVENTS, { from: '2021-03-01T00:30:00Z', subjects: ['acme'] });
    assert.deepEqual(open.slice(0, 2), ['acme 00:00 1 start', 'acme 01:00 0 none']);
    const through = await rowsOf(EVENTS, { through: '2021-03-01T00:59:59.999Z' });
    assert.deepEqual(through, ['acme 00:00 2 none']);
  });

  for (const [zone, date, hours] of [
    ['Europe/Berlin', '2021-03-28', 23],
    ['Europe/Berlin', '2021-10-31', 25],
    ['Australia/Lord_Howe', '2021-10-03', 24],
    ['Australia/Lord_Howe', '2021-04-04', 24],
    ['Asia/Kolkata', '2021-03-28', 24],
  ] as const) {
    test(`shows the hours of ${date} in ${zone}, which fill the day`, async () => {
      const day = Temporal.PlainDate.from(date);
      const [from, to] = [day, day.add({ days: 1 })].map((at) => `${at}T00:00:00`);
      const request = { from, to, tz: zone, subjects: ['acme'] };
      const hourly = await cellsOf('', request);
      assert.equal(hourly.length, hours);
      assert.ok(hourly.every((row) => row[3] === 'none'));
      const daily = await cellsOf('', { ...request, interval: '1d' });
      assert.deepEqual(daily, [['acme', hourly[0]![1], 0, 'none']]);
    });
  }

  test('counts by days, weeks and months of a zone', async () => {
    const log = DAY_EVENTS('2021-02-28T22:59:59Z', '2021-02-28T23:00:00Z', '2021-03-31T22:00:00Z');
    const startsBy = async (interval: string) =>
      (await cellsOf(log, { interval, tz: 'Europe/Berlin' })).map(([, start, count]) => [
        new Date(Number(start)).toISOString().slice(0, 13),
        count,
      ]);
    assert.deepEqual(await startsBy('1d'), [
      ['2021-02-27T23', 1],
      ['2021-02-28T23', 1],
      ['2021-03-31T22', 1],
    ]);
    assert.deepEqual(await startsBy('1w'), [
      ['2021-02-21T23', 1],
      ['2021-02-28T23', 1],
      ['2021-03-28T22', 1],
    ]);
    assert.deepEqual(await startsBy('1mo'), [
      ['2021-01-31T23', 1],
      ['2021-02-28T23', 1],
      ['2021-03-31T22', 1],
    ]);
  });

  test('counts only events of asked types; without that their column may be missing', async () => {
    assert.deepEqual(await rowsOf(EVENTS, { types: ['login'] }), [
      'acme 00:00 2 none',
      'umbra 05:00 1 none',
    ]);
    assert.deepEqual(await rowsOf(EVENTS, { types: ['constructor'] }), []);
    const bare = { subjectColumn: '1', timeColumn: '2' };
    assert.deepEqual(await rowsOf('acme,2021-03-01T00:00:00Z\n', bare), ['acme 00:00 1 none']);
  });

  test('adds up values exactly, beyond 2^53 and behind the point', async () => {
    const values = [
      '9007199254740993',
      '0.1',
      '0.2',
      '-5',
      '+0.000000000000000001',
      '9007199254740993',
    ];
    const log = values.map((value, i) => `acme,x,${value},2021-03-01 00:0${i}:00+00\n`).join('');
    const valueBy = async (value?: 'sum' | 'min' | 'max') => {
      const [row] = await cellsOf(log, { valueColumn: '3', value });
      return row![4];
    };
    assert.equal(await valueBy(), '18014398509481981.300000000000000001');
    assert.equal(await valueBy('sum'), '18014398509481981.300000000000000001');
    assert.equal(await valueBy('min'), '-5');
    assert.equal(await valueBy('max'), '9007199254740993');
  });

  test('shows of no values the sum 0, and neither a least nor a greatest', async () => {
    const request = { subjects: ['nobody'], valueColumn: '3' };
    const log = 'acme,x,1,2021-03-01 00:00:00+00\n';
    assert.deepEqual((await cellsOf(log, request))[0]!.slice(2), [0, 'none', '0']);
    for (const value of ['min', 'max'] as const)
      assert.deepEqual((await cellsOf(log, { ...request, value }))[0]!.slice(2), [0, 'none', null]);
  });

  test('finds columns by their names in the first row of each file', async () => {
    using files = filesOf({
      'a.csv': 'id,at,"customer"\n1,2021-03-01 00:00:00+00,acme\n',
      'b.csv': 'customer,more,at\r\nacme,,2021-03-01 00:30:00+00\r\n',
    });
    const request = { files: files.paths, subjectColumn: 'id', timeColumn: 'at' };
    await assert.rejects(
      shownReport(openCounts(request)),
      /b\.csv: there is no column "id".*"more"/,
    );
    const named = { ...request, subjectColumn: 'customer' };
    const { rows } = await shownReport(openCounts({ ...named, files: [files.paths[1]!] }));
    assert.deepEqual(rows, [['acme', Date.UTC(2021, 2, 1), 1, 'none']]);
  });

  test('says so where the first row cannot name columns', async () => {
    const message = /no column "id" in the first row, which is no row of CSV$/;
    await assert.rejects(rowsOf('at, "id"\n', { subjectColumn: 'id' }), { message });
  });

  test('takes a first row for a header where its time reads as none, unless told otherwise', async () => {
    const booksOf = async (header?: boolean) => {
      using files = filesOf({ 'events.csv': `customer,type,id,at\n${EVENTS}` });
      return (await shownReport(openCounts({ files: files.paths, header }))).books;
    };
    assert.equal((await booksOf()).read, 4);
    const { read, rejected } = await booksOf(false);
    assert.deepEqual([read, rejected], [5, { time: 1 }]);
  });

  test('refuses rows that are not as wide as they must be', async () => {
    using files = filesOf({
      'events.csv': `${EVENTS}acme,x,t,2021-03-01 00:00:00Z,more\nacme,x\n`,
    });
    const booksOf = async (fields?: number) =>
      (await shownReport(openCounts({ files: files.paths, fields }))).books;
    assert.deepEqual((await booksOf()).rejected, { 'field count': 1 });
    assert.deepEqual((await booksOf(4)).rejected, { 'field count': 2 });
    assert.deepEqual((await booksOf(5)).counted, 1);
  });

  for (const [request, message] of [
    [{ tz: 'Europe/Nowhere' }, /"Europe\/Nowhere" is no time zone/],
    [{ interval: '0' }, /"0" is no interval of the clock/],
    [{ interval: '7m' }, /"7m" is no interval of the clock; write a divisor of a day/],
    [{ interval: '2d' }, /no interval/],
    [{ value: 'max' }, /--value needs a --value-column/],
    [{ subjectColumn: '0' }, /"0" is no column; write its number from 1 on/],
    [{ timeColumn: '99999999999' }, /"99999999999" is no column/],
    [{ from: '2', to: '1' }, /ends \(1\) before it begins \(2\)/],
    [{ from: '2021-03-01T00:00:00' }, /names no zone/],
    [{ follow: true }, /--follow reports windows/],
  ] as const satisfies readonly [Partial<CountsRequest>, RegExp][]) {
    test(`refuses ${JSON.stringify(request)}`, async () => {
      await assert.rejects(openCounts({ files: [], ...request }), { code: 'USAGE', message });
    });
  }

  for (const [column, request] of [
    ['whose', { subjectColumn: 'whose' }],
    ['kind', { typeColumn: 'kind' }],
    ['amount', { valueColumn: 'amount' }],
    ['', { timeColumn: '' }],
  ] as const) {
    test(`names the columns that there are where "${column}" is none`, async () => {
      const message = `there is no column "${column}" in the first row; there are "customer", "at"`;
      await assert.rejects(rowsOf('customer,at\n', request), (error: Error) => {
        assert.ok(error.message.endsWith(message), error.message);
        return true;
      });
    });
  }
});

async function cellsOf(log: string, request: Partial<CountsRequest> = {}) {
  using files = filesOf({ 'events.csv': log });
  return (await shownReport(openCounts({ ...request, files: files.paths }))).rows;
}

/** Each row in a line, of its start the time of day in UTC. */
async function rowsOf(log: string, request: Partial<CountsRequest> = {}): Promise<string[]> {
  const rows = await cellsOf(log, request);
  return rows.map(([subject, start, ...others]) =>
    [subject, new Date(Number(start)).toISOString().slice(11, 16), ...others].join(' '),
  );
}
