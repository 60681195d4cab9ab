import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { AccessKey } from '../../src/core/access-key.ts';
import { createKey } from '../../src/server/secret-key.ts';
import { servedStore, type TestServer } from '../support/server.ts';

/** Asks for JSON. */
async function ask({ api }: TestServer, url: string, headers: Record<string, string> = {}) {
  const { statusCode, body, headers: told } = await api.inject({ url, headers });
  const [, next] = /^<([^>]+)>; rel="next"$/.exec(String(told['link'] ?? '')) ?? [];
  return { statusCode, body, next };
}

/** Which rows are told, whatever they are called. */
function rowsOf(body: string): unknown[] {
  const answer = JSON.parse(body) as { rows?: unknown[]; inputs?: unknown[] };
  return (answer.rows ?? answer.inputs)!;
}

/** Rows of all pages from an address on. */
async function pagesOf(served: TestServer, url: string): Promise<unknown[][]> {
  const pages = [];
  for (let next: string | undefined = url; next !== undefined; ) {
    const page = await ask(served, next);
    assert.equal(page.statusCode, 200, `${next}: ${page.body}`);
    pages.push(rowsOf(page.body));
    next = page.next;
  }
  return pages;
}

/** That pages of any length are together what is told at once. */
async function assertPaged(served: TestServer, url: string, least: number): Promise<void> {
  const whole = rowsOf((await ask(served, url)).body);
  assert.ok(whole.length >= least, `${url} has ${whole.length} rows`);
  for (const limit of [1, 2, 3, whole.length, whole.length + 1]) {
    const pages = await pagesOf(served, `${url}${url.includes('?') ? '&' : '?'}limit=${limit}`);
    assert.deepEqual(pages.flat(), whole, `${url}, ${limit} at a time`);
    assert.equal(pages.length, Math.ceil(whole.length / limit));
  }
}

const ROW = 'acme,login,2021-03-01T00:15:00Z,1\n';

describe('pages of events', () => {
  const served = servedStore({
    'a.csv': `${ROW}soon\n\n${ROW.replace('acme', '"g, ä"')}later\nx\n`,
    'b.csv': `${ROW.replace('00:15', '01:15')}never\na,b,c,d\n`,
    'c.csv': `${ROW.replace('00:15', '03:15')}x\n`,
  });

  test('are together what is told at once', async () => {
    await assertPaged(served, '/api/v1/counts?interval=1h', 4);
    await assertPaged(served, '/api/v1/counts?subject=acme&subject=g%2C+%C3%A4', 8);
    await assertPaged(served, '/api/v1/counts?subject=who?&subject=acme', 4);
    await assertPaged(served, '/api/v1/rejects', 6);
    await assertPaged(served, '/api/v1/rejects?reason=field+count', 5);
    await assertPaged(served, '/api/v1/inputs', 3);
  });

  test('go on with as many rows as are asked for then', async () => {
    const { next } = await ask(served, '/api/v1/rejects?limit=1');
    const { body } = await ask(served, next!.replace('limit=1', 'limit=4'));
    assert.equal(rowsOf(body).length, 4);
    const rest = await ask(served, next!.replace('limit=1&', ''));
    assert.deepEqual([rowsOf(rest.body).length, rest.next], [5, undefined]);
  });

  test('are CSV where that is accepted', async () => {
    const url = '/api/v1/counts?limit=1';
    const { headers, body } = await served.api.inject({ url, headers: { accept: 'text/csv' } });
    assert.match(String(headers['link']), /^<[/]api[/]v1[/]counts[?]limit=1&cursor=/);
    assert.equal(
      body,
      'subject,window_start,count,truncated\r\nacme,2021-03-01T00:00:00Z,1,none\r\n',
    );
  });

  test('do not go on where somebody made a cursor up, or took that of another question', async () => {
    const { next } = await ask(served, '/api/v1/counts?limit=1');
    const cursor = new URLSearchParams(next!.split('?')[1]).get('cursor')!;
    const made = (place: unknown) =>
      Buffer.from(JSON.stringify(['x', place])).toString('base64url');
    for (const path of [
      `counts?subject=acme&cursor=${cursor}`,
      `counts?interval=1d&cursor=${cursor}`,
      `rejects?cursor=${cursor}`,
      `inputs?cursor=${cursor}`,
      ...['x', '%00', '~', made(1), made([1, 'x']), made(null), made({})].flatMap((cursor) =>
        ['counts', 'rejects', 'inputs'].map((path) => `${path}?cursor=${cursor}`),
      ),
      ...['0', '-1', '1.5', 'x', '', '10001', '1&limit=2'].map((limit) => `counts?limit=${limit}`),
    ]) {
      const { statusCode, body } = await ask(served, `/api/v1/${path}`);
      assert.equal(statusCode, 400, `${path}: ${body}`);
    }
  });

  test('keep nobody waiting however far they are said to be, and end somewhere', async () => {
    // As many buckets as nobody can look through.
    const url = '/api/v1/counts?subject=acme&interval=10s&from=0&to=253402300799000&limit=1';
    const { next } = await ask(served, url);
    const [path, query] = next!.split('?');
    const words = new URLSearchParams(query);
    const [print] = JSON.parse(Buffer.from(words.get('cursor')!, 'base64url').toString()) as [
      string,
    ];
    const asked = async (row: number) => {
      const place = JSON.stringify([print, [row, 'x']]);
      words.set('cursor', Buffer.from(place).toString('base64url'));
      return ask(served, `${path}?${words}`);
    };
    const far = await asked(1e12);
    assert.equal(far.statusCode, 400);
    assert.match(far.body, /pages go on up to row 10000000; ask for a smaller range/);
    let isOver = false;
    const deep = asked(1e6).finally(() => {
      isOver = true;
    });
    for (let i = 0; i < 10; i++) await ask(served, '/healthz/live');
    assert.equal(isOver, false);
    assert.equal((await deep).statusCode, 409);
  });

  test('are not left out in silence where the rows before have changed', async () => {
    const [first, listed] = await Promise.all(
      ['counts?limit=1', 'inputs?limit=3'].map((path) => ask(served, `/api/v1/${path}`)),
    );
    assert.equal(listed!.next, undefined);
    await served.api.inject({ method: 'DELETE', url: '/api/v1/subjects/acme' });
    const { statusCode, body } = await ask(served, first!.next!);
    assert.equal(statusCode, 409, body);
    assert.match(body, /begin anew/);
  });

  test('are of who asked for the first one', async () => {
    const made = (key: Partial<AccessKey> = {}) => {
      const all = { name: 'k', scope: 'read', created: 0, ...key } as const;
      return { authorization: `Bearer ${createKey(served.keys, all).token}` };
    };
    const { next } = await ask(served, '/api/v1/counts?limit=1&subject=g%2C+%C3%A4', made());
    assert.equal((await ask(served, next!, made())).statusCode, 200);
    assert.equal((await ask(served, next!, made({ subjects: ['g, ä'] }))).statusCode, 400);
  });
});

describe('pages of sessions', () => {
  const log = ['B Start', 'A Start', 'A End', 'A Start', 'B End', 'C End', 'A End'];
  const lines = log.map((words, i) => `14:02:0${i} ${words}\n`);
  const served = servedStore({ 'a.session-log': lines.join('') }, { format: 'session-log' });

  test('are together what is told at once', async () => {
    await assertPaged(served, '/api/v1/bill', 3);
    await assertPaged(served, '/api/v1/bill?from=2021-03-01T14:02:01Z', 3);
    await assertPaged(served, '/api/v1/bill/A/sessions', 2);
  });

  test('have a tag where they are final', async () => {
    const url = '/api/v1/bill?to=2021-03-01T14:02:04Z&limit=1';
    const { headers } = await served.api.inject(url);
    assert.match(String(headers['etag']), /^"/);
    assert.match(String(headers['link']), /rel="next"/);
  });
});

describe('pages of connections', () => {
  const hosts = ['a b', 'a c', 'a d', 'b a', 'b c', 'c a', 'c d', 'd a'];
  const lines = hosts.map((pair, i) => `${1_614_556_800_000 + i} ${pair}\n`);
  const served = servedStore({ 'a.connection-log': lines.join('') }, { format: 'connection-log' });

  test('are together what is told at once', async () => {
    await assertPaged(served, '/api/v1/hosts/a', 3);
  });

  test('of the busiest hosts have all that tie with the last of them', async () => {
    const names = (pages: unknown[][]) =>
      pages.map((page) => (page as { host: string }[]).map(({ host }) => host));
    const paged = async (limit: number) =>
      names(await pagesOf(served, `/api/v1/top?limit=${limit}`));
    assert.deepEqual(await paged(1), [['a'], ['b', 'c'], ['d']]);
    assert.deepEqual(await paged(2), [['a', 'b', 'c'], ['d']]);
    assert.deepEqual(await paged(4), [['a', 'b', 'c', 'd']]);
    const { body } = await ask(served, '/api/v1/top?limit=1');
    assert.match(body, /"parameters":[{][^}]*"limit":1[,}]/);
  });
});
