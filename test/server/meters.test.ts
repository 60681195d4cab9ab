import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createKey } from '../../src/server/secret-key.ts';
import { servedStore } from '../support/server.ts';

const EVENTS = [
  ['acme', '2021-03-01T00:15:00Z', { tokens: 10, model: 'a', user: 'u1' }],
  ['acme', '2021-03-01T00:20:00Z', { tokens: '2.5', model: 'b', user: 'u2' }],
  ['globex', '2021-03-01T02:00:00Z', { tokens: 1, model: 'a', user: 'u1' }],
  ['acme', '2021-03-02T23:30:00Z', { tokens: 4, user: 'u2' }],
  ['acme', '2021-03-02T23:40:00Z', { model: 'a', tokens: 'many' }],
] as const;
const LOG = [
  ...EVENTS.map(([subject, time, data]) => {
    const event = {
      specversion: '1.0',
      type: 'prompt',
      source: 's',
      id: time,
      subject,
      time,
      data,
    };
    return JSON.stringify(event);
  }),
  // A number that no double has.
  '{"type":"exact","subject":"acme","time":"2021-03-01T00:00:00Z","data":{"tokens":123456789012345678901.5}}',
].join('\n');
const TOKENS = {
  ...{ eventType: 'prompt', valueProperty: '$.tokens' },
  groupBy: { model: '$.model', user: "$['user']" },
};
const METERS = [
  { slug: 'tokens', description: 'Tokens of prompts', aggregation: 'SUM', ...TOKENS },
  { slug: 'average', aggregation: 'AVG', ...TOKENS },
  { slug: 'latest', aggregation: 'LATEST', ...TOKENS },
  { slug: 'users', aggregation: 'UNIQUE_COUNT', ...TOKENS, valueProperty: '$.user' },
  { slug: 'prompts', aggregation: 'COUNT', eventType: 'prompt', groupBy: TOKENS.groupBy },
  { slug: 'exact', aggregation: 'SUM', eventType: 'exact', valueProperty: '$.tokens' },
  { slug: 'nothing', aggregation: 'COUNT', eventType: 'constructor' },
  { slug: 'nowhere', aggregation: 'SUM', source: 'nowhere', valueProperty: '$.x' },
] as const;

interface Usage {
  readonly value: number;
  readonly windowStart: string;
  readonly windowEnd: string;
  readonly subject: string | null;
  readonly groupBy: Readonly<Record<string, string | null>>;
}

describe('meters', () => {
  const columns = '{ subject: subject, time: time }';
  const served = servedStore({ 'log.ndjson': LOG }, { format: 'ndjson', columns, meters: METERS });

  async function asked(url: string, headers: Record<string, string> = {}) {
    return served.api.inject({ url: `/api/v1/meters/${url}`, headers });
  }

  async function usageOf(url: string): Promise<Usage[]> {
    const { statusCode, body } = await asked(url);
    assert.equal(statusCode, 200, body);
    return (JSON.parse(body) as { data: Usage[] }).data;
  }

  async function valuesOf(url: string): Promise<(number | string)[]> {
    return (await usageOf(url)).map(({ value, subject, groupBy }) =>
      [subject ?? [], ...Object.values(groupBy), value].flat().join(' '),
    );
  }

  test('are listed as OpenMeter lists them', async () => {
    const { body } = await served.api.inject('/api/v1/meters');
    const [first, ...others] = JSON.parse(body) as Record<string, unknown>[];
    assert.equal(others.length, METERS.length - 1);
    const { createdAt, updatedAt, ...rest } = first!;
    assert.deepEqual(rest, { id: 'tokens', name: 'tokens', ...METERS[0] });
    assert.ok(Date.parse(String(createdAt)) > 0 && createdAt === updatedAt);
    assert.deepEqual(JSON.parse((await asked('tokens')).body), first);
  });

  test('know who has events', async () => {
    assert.deepEqual(JSON.parse((await asked('tokens/subjects')).body), ['acme', 'globex']);
    assert.deepEqual(JSON.parse((await asked('exact/subjects')).body), ['acme']);
    assert.deepEqual(JSON.parse((await asked('nothing/subjects')).body), []);
  });

  test('answer with one row for all of a range', async () => {
    const { body } = await asked('tokens/query?from=2021-03-01T00:15:00Z&to=2021-03-02T23:30:00Z');
    assert.deepEqual(JSON.parse(body), {
      from: '2021-03-01T00:15:00Z',
      to: '2021-03-02T23:30:00Z',
      skipped: 0,
      complete_through: '2021-03-02T23:40:00Z',
      final: true,
      data: [
        {
          value: 13.5,
          windowStart: '2021-03-01T00:15:00Z',
          windowEnd: '2021-03-02T23:30:00Z',
          subject: null,
          groupBy: {},
        },
      ],
    });
  });

  test('answer with the minutes that have events where no range is asked for', async () => {
    const [row, ...others] = await usageOf('tokens/query');
    assert.deepEqual(others, []);
    assert.equal(row!.value, 17.5);
    assert.deepEqual(
      [row!.windowStart, row!.windowEnd],
      ['2021-03-01T00:15:00Z', '2021-03-02T23:31:00Z'],
    );
  });

  test('answer by windows, and leave those without events out', async () => {
    const windowsOf = async (query: string) =>
      (await usageOf(`tokens/query?${query}`)).map(
        ({ windowStart, windowEnd, value }) =>
          `${windowStart.slice(5, 16)} ${windowEnd.slice(5, 16)} ${value}`,
      );
    assert.deepEqual(await windowsOf('windowSize=MINUTE&to=2021-03-01T00:20:00Z'), [
      '03-01T00:15 03-01T00:16 10',
    ]);
    assert.deepEqual(await windowsOf('windowSize=HOUR'), [
      '03-01T00:00 03-01T01:00 12.5',
      '03-01T02:00 03-01T03:00 1',
      '03-02T23:00 03-03T00:00 4',
    ]);
    assert.deepEqual(await windowsOf('windowSize=DAY'), [
      '03-01T00:00 03-02T00:00 13.5',
      '03-02T00:00 03-03T00:00 4',
    ]);
    assert.deepEqual(await windowsOf('windowSize=DAY&windowTimeZone=Europe/Berlin'), [
      '02-28T23:00 03-01T23:00 13.5',
      '03-02T23:00 03-03T23:00 4',
    ]);
    assert.deepEqual(await windowsOf('windowSize=MONTH'), ['03-01T00:00 04-01T00:00 17.5']);
  });

  test('tell subjects and groups apart where that is asked', async () => {
    assert.deepEqual(await valuesOf('tokens/query?groupBy=subject'), ['acme 16.5', 'globex 1']);
    assert.deepEqual(
      await valuesOf('tokens/query?groupBy=model'),
      ['11', '2.5', '4'].map((value, i) => [['a', 'b', ''][i], value].join(' ')),
    );
    assert.deepEqual(await valuesOf('tokens/query?subject=globex&subject=nobody&groupBy=user'), [
      'globex u1 1',
    ]);
    assert.deepEqual(await valuesOf('prompts/query?groupBy=subject&groupBy=model'), [
      'acme a 2',
      'acme b 1',
      'acme  1',
      'globex a 1',
    ]);
  });

  test('count only events of the groups that are asked for', async () => {
    assert.deepEqual(await valuesOf('tokens/query?filterGroupBy[model]=a'), ['11']);
    assert.deepEqual(await valuesOf('tokens/query?filterGroupBy[model]='), ['4']);
    assert.deepEqual(await valuesOf('tokens/query?filterGroupBy%5Buser%5D=u2&subject=acme'), [
      'acme 6.5',
    ]);
    assert.deepEqual(await valuesOf('tokens/query?filterGroupBy[model]=a&filterGroupBy[model]=b'), [
      '13.5',
    ]);
  });

  test('answer the same when they are asked in a body', async () => {
    const url = '/api/v1/meters/tokens/query';
    const payload = {
      from: '2021-03-01T00:00:00Z',
      windowSize: 'DAY',
      subject: ['acme'],
      groupBy: ['model'],
      filterGroupBy: { model: ['a', 'b'], user: [] },
    };
    const posted = await served.api.inject({ method: 'POST', url, payload });
    const query =
      'from=2021-03-01T00:00:00Z&windowSize=DAY&subject=acme&groupBy=model&filterGroupBy[model]=a&filterGroupBy[model]=b';
    assert.equal(posted.body, (await served.api.inject(`${url}?${query}`)).body);
    const empty = await served.api.inject({ method: 'POST', url });
    assert.equal(empty.body, (await served.api.inject(url)).body);
    const nobody = await served.api.inject({ method: 'POST', url, payload: { subject: [] } });
    assert.equal(nobody.body, empty.body);
  });

  test('aggregate in every way', async () => {
    assert.deepEqual(await valuesOf('average/query'), ['4.375']);
    assert.deepEqual(await valuesOf('latest/query?groupBy=subject'), ['acme 4', 'globex 1']);
    assert.deepEqual(await valuesOf('users/query'), ['2']);
    assert.deepEqual(await valuesOf('prompts/query'), ['5']);
    assert.deepEqual(await valuesOf('prompts/query?windowSize=HOUR'), ['2', '1', '2']);
    assert.deepEqual(await valuesOf('nothing/query'), []);
    assert.deepEqual(await valuesOf('nowhere/query'), []);
  });

  test('give values all their digits', async () => {
    assert.match((await asked('exact/query')).body, /"value":123456789012345678901\.5,/);
  });

  test('say how many events have no value that is of use', async () => {
    assert.match((await asked('tokens/query')).body, /"skipped":1,/);
  });

  test('answer as CSV where that is accepted', async () => {
    const { body, headers } = await asked(
      'tokens/query?groupBy=subject&groupBy=model&windowSize=DAY',
      {
        accept: 'text/csv',
      },
    );
    assert.equal(headers['content-type'], 'text/csv; charset=utf-8');
    assert.deepEqual(body.split('\r\n').slice(0, 3), [
      'window_start,window_end,subject,model,value',
      '2021-03-01T00:00:00Z,2021-03-02T00:00:00Z,acme,a,10',
      '2021-03-01T00:00:00Z,2021-03-02T00:00:00Z,acme,b,2.5',
    ]);
    assert.equal((await asked('tokens/query', { accept: 'application/x-ndjson' })).statusCode, 406);
  });

  test('tag what is final', async () => {
    const url = 'tokens/query?to=2021-03-02T00:00Z';
    const tag = String((await asked(url)).headers['etag']);
    assert.equal((await asked(url, { 'if-none-match': tag })).statusCode, 304);
    assert.equal((await asked('tokens/query')).headers['etag'], undefined);
  });

  for (const [url, status, detail] of [
    ['constructor', 404, /no meter constructor/],
    ['constructor/query', 404, /no meter constructor/],
    [
      'tokens/query?groupBy=constructor',
      400,
      /tokens has no group "constructor"; it has subject, model, user/,
    ],
    ['tokens/query?filterGroupBy[__proto__]=x', 400, /has no group|unrecognized/i],
    ['tokens/query?filterGroupBy=x', 400, /filterGroupBy/],
    ['tokens/query?windowSize=WEEK', 400, /windowSize/],
    ['tokens/query?windowTimeZone=Mars', 400, /"Mars" is no time zone/],
    ['tokens/query?from=x', 400, /"x" is no time/],
    ['tokens/query?filterCustomerId=1', 400, /filterCustomerId/],
  ] as const)
    test(`answer ${url} with a problem`, async () => {
      const { statusCode, body, headers } = await asked(url);
      assert.equal(statusCode, status, body);
      assert.equal(headers['content-type'], 'application/problem+json');
      assert.match(body.replaceAll('\\', ''), detail);
    });

  test('show a key of a subject what is theirs, and nothing else', async () => {
    const key = { name: 'k', scope: 'read', created: 0, subjects: ['globex'] } as const;
    const headers = { authorization: `Bearer ${createKey(served.keys, key).token}` };
    assert.deepEqual(JSON.parse((await asked('tokens/subjects', headers)).body), ['globex']);
    const bodies = [
      'tokens/query',
      'tokens/query?subject=globex',
      'prompts/query?groupBy=subject',
    ].map(async (url) => (JSON.parse((await asked(url, headers)).body) as { data: Usage[] }).data);
    assert.deepEqual(
      (await Promise.all(bodies)).map((rows) => rows.map(({ value }) => value)),
      [[1], [1], [1]],
    );
    assert.equal((await asked('tokens/query?subject=acme', headers)).statusCode, 403);
    const url = '/api/v1/meters/tokens/query';
    const payload = { subject: ['acme'] };
    const posted = await served.api.inject({ method: 'POST', url, headers, payload });
    assert.equal(posted.statusCode, 403);
  });
});

describe('meters of CSV', () => {
  const log = ['acme,login,2021-03-01 00:15:00+00,1.50', 'acme,login,2021-03-01 00:20:00+00,2'];
  const meters = [
    { slug: 'sum', source: 'events', aggregation: 'SUM', valueProperty: '$.value' },
    { slug: 'logins', eventType: 'login', aggregation: 'COUNT' },
  ] as const;
  for (const keep of ['events', 'rollups'] as const)
    describe(`in a store of ${keep}`, () => {
      const served = servedStore({ 'log.csv': `${log.join('\n')}\n` }, { meters, keep });

      test('add up the column of values, where there are events', async () => {
        const { statusCode, body } = await served.api.inject('/api/v1/meters/sum/query');
        assert.equal(statusCode, keep === 'events' ? 200 : 400, body);
        assert.match(body, keep === 'events' ? /"value":3\.5,/ : /this needs the events/);
      });

      test('count', async () => {
        const { body } = await served.api.inject('/api/v1/meters/logins/query?groupBy=subject');
        assert.match(body, /"value":2,.*"subject":"acme"/);
      });
    });
});

describe('a meter of sessions', () => {
  const log = `00:10:00 ALICE Start
00:50:00 ALICE End
00:55:00 BOB Start
01:10:00 ALICE Start
01:20:00.000 junk
01:20:00 ALICE End
01:30:00 BOB End
`;
  const meters = [
    { slug: 'sessions', source: 'events', aggregation: 'SESSIONS' },
    { slug: 'records', source: 'events', aggregation: 'COUNT' },
    { slug: 'typed', source: 'events', eventType: 'login', aggregation: 'COUNT' },
  ] as const;
  const options = { format: 'session-log', meters } as const;
  const served = servedStore({ 'app.session-log': log }, options);

  async function sessionsOf(query: string): Promise<string[]> {
    const { body, statusCode } = await served.api.inject(`/api/v1/meters/sessions/query?${query}`);
    assert.equal(statusCode, 200, body);
    const { data } = JSON.parse(body) as { data: (Usage & { readonly seconds: number })[] };
    return data.map(({ value, seconds, subject, windowStart }) =>
      [windowStart.slice(11, 16), subject ?? [], value, seconds].flat().join(' '),
    );
  }

  test('counts them in the window in which they start', async () => {
    assert.deepEqual(await sessionsOf(''), ['00:10 3 5100']);
    assert.deepEqual(await sessionsOf('windowSize=HOUR'), ['00:00 2 4500', '01:00 1 600']);
    assert.deepEqual(await sessionsOf('windowSize=HOUR&groupBy=subject'), [
      '00:00 ALICE 1 2400',
      '00:00 BOB 1 2100',
      '01:00 ALICE 1 600',
    ]);
    assert.deepEqual(await sessionsOf('subject=BOB'), ['00:55 BOB 1 2100']);
  });

  test('is of a log whose records are counted, too, and tells whose', async () => {
    const json = async (url: string) => (await served.api.inject(url)).json();
    for (const slug of ['sessions', 'records'])
      assert.deepEqual(await json(`/api/v1/meters/${slug}/subjects`), ['ALICE', 'BOB']);
    assert.deepEqual(await json('/api/v1/meters/typed/subjects'), []);
    const query = 'from=2021-03-01T00:00Z&to=2021-03-01T02:00Z';
    const { data } = await json(`/api/v1/meters/records/query?${query}&windowSize=HOUR`);
    assert.deepEqual(
      data.map(({ value }: Usage) => value),
      [3, 3],
    );
    const day = 'start=2021-03-01T00:00Z&end=2021-03-01T02:00Z';
    for (const [slug, expected] of Object.entries({ records: [2, 2], typed: [0, 0] })) {
      const { buckets } = await json(`/hourly?customer_id=ALICE&${day}&meter=${slug}`);
      assert.deepEqual(
        buckets.map(({ count }: { count: number }) => count),
        expected,
      );
    }
  });

  test('is of a log whose bill says how complete it is, too', async () => {
    const urls = ['/api/v1/bill?', '/api/v1/bill/BOB/sessions?'];
    for (const url of urls) {
      const end = `${url}to=2021-03-01T01:30`;
      const { headers } = await served.api.inject(`${end}:00Z`);
      assert.equal(headers['daybook-complete-through'], '2021-03-01T01:30:00Z');
      assert.deepEqual([headers['daybook-final'], typeof headers['etag']], ['true', 'string']);
      for (const open of [`${end}:01Z`, end]) {
        const later = await served.api.inject(open);
        assert.equal(later.headers['daybook-final'], 'false', open);
      }
    }
  });

  test('leaves those to others that began before the range, and cuts what lies behind it', async () => {
    const range = 'from=2021-03-01T00:50Z&to=2021-03-01T01:15Z&groupBy=subject';
    assert.deepEqual(await sessionsOf(range), ['00:50 ALICE 1 300', '00:50 BOB 1 1200']);
    assert.deepEqual(await sessionsOf('from=2021-03-02T00:00Z'), []);
  });
});
