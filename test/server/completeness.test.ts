import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { servedSources } from '../support/served-sources.ts';

interface Operation {
  readonly parameters?: readonly { readonly name: string }[];
}

/** What stands in addresses that need it. */
const WORDS: Readonly<Record<string, string>> = {
  ...{ slug: 'logins', subject: 'acme', host: 'acme', customer_id: 'acme' },
};

describe('every answer about a range', () => {
  const served = servedSources();

  /** Addresses of all that can be asked about a range, to an end. */
  function urlsTo(end: string): string[] {
    const { paths = {} } = served.api.swagger() as { paths?: Record<string, { get?: Operation }> };
    return Object.entries(paths).flatMap(([path, { get }]) => {
      const names = get?.parameters?.map(({ name }) => name) ?? [];
      const [from, to] = names.includes('start') ? ['start', 'end'] : ['from', 'to'];
      if (!names.includes(from)) return [];
      const query = new URLSearchParams({ [from]: '2021-03-01T07:00:00Z', [to]: end });
      if (names.includes('customer_id')) query.set('customer_id', 'acme');
      if (path === '/api/v1/counts') query.set('source', 'events');
      return [`${path.replaceAll(/[{]([^}]+)[}]/g, (_, name: string) => WORDS[name]!)}?${query}`];
    });
  }

  test('says how complete it is, and has a tag where it can change no more', async () => {
    // Records of 9:00 and later may still come five minutes late.
    const urls = urlsTo('2021-03-01T08:00:00Z');
    assert.ok(urls.length >= 7, urls.join(' '));
    for (const url of urls) {
      const { statusCode, headers, body } = await served.api.inject(url);
      assert.equal(statusCode, 200, body);
      assert.match(String(headers['daybook-complete-through']), /^2021-03-01T08:5[0-9:.]+Z$/, url);
      assert.equal(headers['daybook-final'], 'true', url);
      const known = { 'if-none-match': String(headers['etag']) };
      const again = await served.api.inject({ url, headers: known });
      assert.deepEqual([again.statusCode, again.body], [304, ''], url);
    }
    for (const url of urlsTo('2021-03-01T09:00:00Z')) {
      const { statusCode, headers } = await served.api.inject(url);
      const { 'daybook-final': final, etag } = headers;
      assert.deepEqual([statusCode, final, etag], [200, 'false', undefined], url);
    }
  });
});
