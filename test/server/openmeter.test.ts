import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import { OpenMeter } from '@openmeter/sdk';
import type { MeterSettings } from '../../src/config/meter-schema.ts';
import { createKey } from '../../src/server/secret-key.ts';
import { servedStore } from '../support/server.ts';

const EVENT = { specversion: '1.0', source: 'api', type: 'tokens' };
const LOG = [
  { ...EVENT, id: '1', subject: 'acme', time: '2026-03-01T00:15:00Z', data: { n: 10, model: 'a' } },
  {
    ...EVENT,
    id: '2',
    subject: 'acme',
    time: '2026-03-01T01:15:00Z',
    data: { n: 2.5, model: 'b' },
  },
  {
    ...EVENT,
    id: '3',
    subject: 'globex',
    time: '2026-03-02T00:00:00Z',
    data: { n: 1, model: 'a' },
  },
].map((event) => JSON.stringify(event));

describe("OpenMeter's own client", () => {
  const meters: readonly MeterSettings[] = [
    {
      ...{ slug: 'tokens_total', eventType: 'tokens', aggregation: 'SUM', valueProperty: '$.n' },
      groupBy: { model: '$.model' },
    },
  ];
  const columns = '{ subject: subject, time: time }';
  const options = { format: 'ndjson', columns, meters } as const;
  const served = servedStore({ 'log.ndjson': LOG.join('\n') }, options);
  let baseUrl = '';
  let openmeter: OpenMeter;

  before(async () => {
    baseUrl = await served.api.listen({ host: '127.0.0.1', port: 0 });
    const { token } = createKey(served.keys, { name: 'sdk', scope: 'write', created: 0 });
    openmeter = new OpenMeter({ baseUrl, apiKey: token });
  });

  test('posts events, which are counted at once, and once', async () => {
    const subject = 'customer-acme-corp';
    const event = { type: 'tokens', subject, data: { n: 1250, model: 'gpt-4' } };
    const named = { ...event, id: 'evt_01234567', source: 'gateway', time: new Date('2026-04-01') };
    await openmeter.events.ingest(named);
    await openmeter.events.ingest([named, event, { ...event, data: { n: 0.5, model: 'b' } }]);
    const usage = await openmeter.meters.query('tokens_total', { subject: [subject] });
    assert.deepEqual(
      usage?.data.map(({ value }) => value),
      [2500.5],
    );
  });

  test('lists meters', async () => {
    const [meter, ...others] = (await openmeter.meters.list()) ?? [];
    assert.deepEqual(others, []);
    assert.equal(meter?.slug, 'tokens_total');
    assert.ok(meter?.createdAt instanceof Date);
    assert.deepEqual((await openmeter.meters.get('tokens_total'))?.groupBy, { model: '$.model' });
  });

  test('queries usage', async () => {
    const usage = await openmeter.meters.query('tokens_total', {
      subject: ['acme', 'globex'],
      from: new Date('2026-03-01'),
      to: new Date('2026-03-02T00:00:00.001Z'),
      windowSize: 'DAY',
      groupBy: ['model'],
      filterGroupBy: { model: 'a' },
    });
    assert.deepEqual(usage?.data, [
      {
        value: 10,
        windowStart: new Date('2026-03-01'),
        windowEnd: new Date('2026-03-02'),
        subject: 'acme',
        groupBy: { model: 'a' },
      },
      {
        value: 1,
        windowStart: new Date('2026-03-02'),
        windowEnd: new Date('2026-03-03'),
        subject: 'globex',
        groupBy: { model: 'a' },
      },
    ]);
  });

  test('queries by POST', async () => {
    const usage = await openmeter.meters.queryPost('tokens_total', {
      from: new Date('2026-03-01'),
      to: new Date('2026-04-01'),
      subject: ['acme'],
      filterGroupBy: { model: ['a', 'b'] },
    });
    assert.ok(typeof usage === 'object');
    assert.deepEqual(
      usage.data.map(({ value, subject }) => [value, subject]),
      [[12.5, 'acme']],
    );
  });

  test('is told what is wrong', async () => {
    await assert.rejects(openmeter.meters.query('nothing'), { status: 404 });
    const nobody = new OpenMeter({ baseUrl, apiKey: 'guessed' });
    await assert.rejects(nobody.meters.list(), { status: 401 });
  });
});
