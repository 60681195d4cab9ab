import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createKey } from '../../src/server/secret-key.ts';
import { type ServedOptions, servedStore, type TestServer } from '../support/server.ts';

interface Operation {
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
}

/** Values of parameters, where there are such: a day, of a customer. */
const VALUES = new Map([
  ['customer_id', 'acme'],
  ['start', '2021-03-01'],
  ['end', '2021-03-02'],
  ['from', '2021-03-01T00:00Z'],
  ['to', '2021-03-02T00:00Z'],
]);

/** An event as JSON, at an hour. */
function prompt(subject: string, hour: string, tokens: number | string): string {
  const time = `2021-03-01T${hour}:00:00Z`;
  return JSON.stringify({ type: 'prompt', subject, time, data: { tokens } });
}

/** A log of somebody alone, and the same with others in it, whose last record is not the last one. */
const LOGS = [
  [
    'csv',
    ['acme,login,2021-03-01 09:00:00+00,1', 'acme,login,2021-03-01 17:00:00+00,1'],
    ['globex,login,2021-03-01 10:00:00+00,1', 'globex,call,2021-03-01 11:00:00+00,1', 'junk'],
    [{ slug: 'usage', eventType: 'login', aggregation: 'COUNT' }],
  ],
  [
    'session-log',
    ['09:00:00 acme Start', '17:00:00 acme End'],
    ['10:00:00 globex Start', '11:00:00 globex End', '12:00:00 globex End', 'junk'],
    [{ slug: 'usage', source: 'events', aggregation: 'SESSIONS' }],
  ],
  [
    'ndjson',
    [prompt('acme', '09', 1), prompt('acme', '12', 'many'), prompt('acme', '17', 2)],
    [prompt('globex', '10', 'many'), prompt('globex', '11', 5), '{', 'junk'],
    [
      {
        slug: 'usage',
        eventType: 'prompt',
        aggregation: 'SUM',
        valueProperty: '$.tokens',
        groupBy: { tokens: '$.tokens' },
      },
    ],
  ],
] as const;

describe('a key of a subject', () => {
  for (const [format, own, others, meters] of LOGS) {
    const columns = format === 'ndjson' ? '{ subject: subject, time: time }' : undefined;
    const options: ServedOptions = { format, meters, ...(columns && { columns }) };
    const name = `log.${format}`;
    const alone = servedStore({ [name]: `${own.join('\n')}\n` }, options);
    const [first, ...later] = own;
    const among = servedStore(
      { [name]: `${[first, ...others, ...later].join('\n')}\n`, [`globex.${format}`]: '' },
      options,
    );

    test(`is answered the same whether there are others or not, of a source of ${format}`, async () => {
      const told = new Set<string>();
      for (const url of urlsOf(alone)) {
        const [expected, found] = [await answerOf(alone, url), await answerOf(among, url)];
        assert.equal(found, expected, url);
        told.add(`${url.split('?')[0]} ${expected.slice(0, 3)}`);
      }
      const route = format === 'session-log' ? '/api/v1/bill' : '/api/v1/counts';
      for (const path of [route, '/api/v1/meters/usage/query'])
        assert.ok(told.has(`${path} 200`), [...told].join(', '));
    });
  }
});

/** What can be asked by GET, with and without a range, but for what does not end. */
function urlsOf({ api }: TestServer): string[] {
  const { paths = {} } = api.swagger() as { paths?: Record<string, { get?: Operation }> };
  return Object.entries(paths).flatMap(([path, { get }]) => {
    if (!get || path === '/api/v1/stream') return [];
    const url = path.replaceAll('{slug}', 'usage').replaceAll(/[{][^}]+[}]/g, 'acme');
    const words = (get.parameters ?? []).flatMap(({ name }) => {
      const value = VALUES.get(name);
      return value === undefined ? [] : [`${name}=${value}`];
    });
    return [url, `${url}?${words.join('&')}`, `${url}?limit=1`];
  });
}

/** Times at which services began, and where a record stands in its log, which tells of others. */
const ASIDE = /"((created|updated)At|(start|end)_(input|line|offset))":("[^"]*"|[0-9]+)/g;

/** The status, headers and body that somebody gets. */
async function answerOf({ api, keys }: TestServer, url: string): Promise<string> {
  const key = { name: 'acme', scope: 'admin', created: 0, subjects: ['acme'] } as const;
  const headers = { authorization: `Bearer ${createKey(keys, key).token}` };
  const { statusCode, body, headers: own } = await api.inject({ url, headers });
  const about = ['link', 'daybook-final', 'daybook-complete-through'].map((name) => own[name]);
  return [statusCode, ...about, body.replaceAll(ASIDE, '')].join('\n');
}
