import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type ApiDocument, docsPage } from '../../src/server/docs-page.ts';
import { servedStore } from '../support/server.ts';

describe('GET /docs', () => {
  const served = servedStore({ 'log.csv': 'acme,login,2021-03-01 00:15:00+00,1' });

  test('tells every operation of the API, with how to ask', async () => {
    const { body, headers } = await served.api.inject('/docs');
    assert.equal(headers['content-type'], 'text/html; charset=utf-8');
    const { paths = {} } = served.api.swagger() as ApiDocument;
    for (const [path, methods] of Object.entries(paths))
      for (const method of Object.keys(methods)) {
        const heading = `<b class="${method}">${method.toUpperCase()}</b> <code>${path}</code>`;
        assert.ok(body.includes(heading), heading);
      }
    assert.equal(body.match(/<pre><code>curl /g)?.length, body.match(/<section /g)?.length);
    assert.match(body, /curl -N &quot;[$]DAYBOOK\/api\/v1\/stream/);
    assert.match(
      body,
      /curl &quot;[$]DAYBOOK\/hourly[?]customer_id=acme&amp;start=2021-03-01T00:00Z/,
    );
  });

  test('needs nothing else, and runs nothing', async () => {
    const { body } = await served.api.inject('/docs');
    assert.doesNotMatch(body, /<script|<img|<iframe|src=|@import|url[(]|https?:\/\/(?!127[.])/);
    assert.match(body, /color-scheme: light dark/);
    const ids = [...body.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id!);
    assert.equal(new Set(ids).size, ids.length);
    for (const [, id] of body.matchAll(/href="#([^"]+)"/g)) assert.ok(ids.includes(id!), id!);
  });
});

describe('docsPage', () => {
  test('shows text as text', () => {
    const text = `<script>"&'`;
    const schema = {
      type: 'object',
      properties: { [text]: { type: 'string', description: text } },
    };
    const answer = { description: text, content: { [text]: { schema } } };
    const parameter = { name: text, in: text, description: text, example: text, schema };
    const operation = { summary: text, parameters: [parameter], responses: { [text]: answer } };
    const paths = { [`/${text}`]: { [text]: operation } };
    const page = docsPage({ info: { title: text, version: text }, paths });
    assert.doesNotMatch(page, /<script|"&'|&(?!amp;|lt;|gt;|quot;)/);
    assert.match(page, /&lt;script&gt;&quot;&amp;'/);
  });
});
