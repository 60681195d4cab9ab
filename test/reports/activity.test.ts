import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { checkBalance } from '../../src/core/books.ts';
import type { ActivityRow, KeyOrder, SubjectRow } from '../../src/core/database.ts';
import type { Row } from '../../src/core/table.ts';
import { type Activity, joinActivity } from '../../src/reports/activity.ts';

const DATES = ['2024-02-28', '2024-02-29', '2024-03-01'] as const;

describe('an activity report', () => {
  test('is the plain join of those listed and what they did, however both come in portions', async () => {
    await fc.assert(
      fc.asyncProperty(given(), async ({ order, users, done, cuts }) => {
        const activity = joined(order, inPortions(users, cuts), inPortions(done, cuts));
        assert.deepEqual(await rowsOf(activity), plainJoin(order, users, done));
        const { books } = activity.table;
        checkBalance(books);
        const listed = new Set(users.map(({ key }) => key));
        const sum = (which: (row: ActivityRow) => boolean) =>
          Number(done.filter(which).reduce((total, { count }) => total + BigInt(count), 0n));
        assert.equal(
          books.counted,
          sum(({ key, date }) => date !== null && listed.has(key)),
        );
        assert.equal(
          books.filtered,
          sum(({ key, date }) => key !== null && date !== null && !listed.has(key)),
        );
        assert.equal(
          books.read,
          sum(() => true),
        );
      }),
      { numRuns: 500 },
    );
  });

  test('has the same digests for the same rows, and others for others', async () => {
    const digestsOf = async (name: string, count: number, cuts: readonly number[]) => {
      const users = [user('1', 'Ada'), user('2', name)];
      const done = [{ key: '1', date: DATES[0], count }];
      const activity = joined('number', inPortions(users, cuts), inPortions(done, cuts));
      await rowsOf(activity);
      return activity.inputs().map(({ rows, digest }) => `${rows} ${digest}`);
    };
    const usual = await digestsOf('Bob', 1, [1]);
    assert.deepEqual(await digestsOf('Bob', 1, [9]), usual);
    const [users, done] = await digestsOf('Eve', 2, [1]);
    assert.ok(users !== usual[0] && done !== usual[1]);
    assert.match(usual[0]!, /^2 [0-9a-f]{64}$/);
  });

  test('tells of whom and of what it leaves out', async () => {
    const users = [{ key: null, cells: ['Nobody'] }, user('1', 'Ada'), user('3', 'Bob')];
    const done = [
      { key: null, date: DATES[0], count: 4 },
      { key: '1', date: null, count: 2 },
      { key: '1', date: DATES[0], count: 1 },
      { key: '2', date: DATES[0], count: 5 },
      { key: '2', date: DATES[1], count: 5 },
      { key: '9', date: DATES[1], count: 1 },
    ];
    const activity = joined('number', inPortions(users, [9]), inPortions(done, [9]));
    await rowsOf(activity);
    assert.deepEqual(
      activity.table.notes.map(({ message }) => message),
      [
        '2 listed, 1 without activity',
        '2 with activity (11 in all) are not among those listed',
        '2 without a date are left out: activity',
        '4 of nobody are left out: activity',
        '1 without a key are left out: users',
      ],
    );
    assert.deepEqual(activity.table.books.rejected, { 'no key': 4, 'no date': 2 });
  });

  test('refuses two users of one key, and names it', async () => {
    const users = inPortions([user('7', 'Ada'), user('7', 'Bob')], [1]);
    await assert.rejects(rowsOf(joined('number', users, inPortions([], [1]))), {
      code: 'INPUT_REJECTED',
      message: /"7" stands twice in users/,
    });
  });

  test('refuses a side that is out of order, in which it would miss some', async () => {
    const sorted = [user('9', 'Ada'), user('10', 'Bob')];
    const wrong = [
      { key: '10', date: DATES[0], count: 1 },
      { key: '9', date: DATES[0], count: 1 },
    ];
    const failure = { code: 'SOURCE_UNREADABLE', message: /"10" came before "9"/ };
    const none = () => inPortions([], [1]);
    await assert.rejects(
      rowsOf(joined('number', inPortions(sorted.toReversed(), [1]), none())),
      failure,
    );
    await assert.rejects(
      rowsOf(joined('number', inPortions(sorted, [1]), inPortions(wrong, [1]))),
      failure,
    );
  });

  test('takes counts of any size', async () => {
    const count = 2n ** 63n;
    const done = [{ key: '1', date: DATES[0], count }];
    const rows = await rowsOf(
      joined('number', inPortions([user('1', 'Ada')], [1]), inPortions(done, [1])),
    );
    assert.deepEqual(rows, [[1, 'Ada', DATES[0], count]]);
  });
});

function user(key: string, name: string): SubjectRow {
  return { key, cells: [name] };
}

function joined(
  order: KeyOrder,
  subjects: AsyncIterable<readonly SubjectRow[]>,
  activity: AsyncIterable<readonly ActivityRow[]>,
): Activity {
  const names = { subjects: 'users', activity: 'activity' };
  const columns = [
    { name: 'id', kind: order === 'number' ? 'integer' : 'text', cell: 'key' },
    { name: 'name', kind: 'text', cell: 0 },
    { name: 'date', kind: 'text', cell: 'date' },
    { name: 'done', kind: 'integer', cell: 'count' },
  ] as const;
  const view = { report: 'active', parameters: {}, columns, order, zone: 'UTC', names };
  return joinActivity(view, subjects, activity);
}

async function rowsOf({ table }: Activity): Promise<Row[]> {
  return (await Array.fromAsync(table.rows)).flat();
}

async function* inPortions<Item>(
  items: readonly Item[],
  cuts: readonly number[],
): AsyncGenerator<readonly Item[]> {
  for (let at = 0, i = 0; at < items.length; i++) {
    const size = cuts[i % cuts.length]!;
    yield items.slice(at, at + size);
    at += size;
  }
}

/** Some users and what some did, each side in the order of its keys. */
function given(): fc.Arbitrary<{
  order: KeyOrder;
  users: SubjectRow[];
  done: ActivityRow[];
  cuts: number[];
}> {
  const numbers = fc.bigInt({ min: -20n, max: 20n }).map(String);
  const texts = fc.constantFrom(
    '',
    'a',
    'A',
    'b',
    '10',
    '9',
    'é',
    '\uffff',
    '\u{1f600}',
    'a b',
    '__proto__',
  );
  return fc.constantFrom<KeyOrder>('number', 'bytes').chain((order) => {
    const key = order === 'number' ? numbers : texts;
    const keys = fc.uniqueArray(key, { maxLength: 20 });
    const done = fc.record({
      key: fc.option(key, { freq: 9 }),
      date: fc.option(fc.constantFrom(...DATES), { freq: 9 }),
      count: fc.integer({ min: 1, max: 300 }),
    });
    const compare = (a: string | null, b: string | null) => {
      if (a === null || b === null) return Number(a !== null) - Number(b !== null);
      return order === 'number'
        ? Number(a) - Number(b)
        : Buffer.compare(Buffer.from(a), Buffer.from(b));
    };
    return fc.record({
      order: fc.constant(order),
      users: keys.map((found) => found.sort(compare).map((key) => user(key, `name of ${key}`))),
      done: fc
        .uniqueArray(done, { selector: ({ key, date }) => JSON.stringify([key, date]) })
        .map((rows) =>
          rows.sort((a, b) => compare(a.key, b.key) || ((a.date ?? '') < (b.date ?? '') ? -1 : 1)),
        ),
      cuts: fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 }),
    });
  });
}

function plainJoin(
  order: KeyOrder,
  users: readonly SubjectRow[],
  done: readonly ActivityRow[],
): Row[] {
  return users.flatMap(({ key, cells }) => {
    const shown = order === 'number' ? Number(key) : key;
    const own = done.filter((row) => row.key === key && row.date !== null);
    if (own.length === 0) return [[shown, ...cells, null, 0]];
    return own.map(({ date, count }) => [shown, ...cells, date, count]);
  });
}
