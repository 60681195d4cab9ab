import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { OpenMeter } from '@openmeter/sdk';
import { daybook } from '../support/cli.ts';
import { newFolder } from '../support/live.ts';
import { Served } from '../support/served.ts';

describe("OpenMeter's quickstart", () => {
  test('works with what daybook init writes, and a key', async () => {
    using folder = newFolder();
    const run = (...words: string[]) => daybook(words, { cwd: folder.path });
    assert.equal((await run('init')).code, 0);
    const { stdout: key } = await run('keys', 'create', '--name', 'app', '--scope', 'write');
    const server = await Served.start(folder.path);
    try {
      const openmeter = new OpenMeter({ baseUrl: server.address, apiKey: key.trim() });
      const event = { source: 'service-0', type: 'request', subject: 'customer-1' };
      const data = { method: 'GET', route: '/hello' };
      const time = new Date('2026-01-01T00:00:00.001Z');
      await openmeter.events.ingest({ ...event, id: '00001', time, data });
      const later = { ...event, time: new Date('2026-01-01T23:30:00Z') };
      await openmeter.events.ingest([
        { ...event, id: '00001', time, data },
        { ...later, id: '00002', data: { ...data, method: 'POST' } },
        { ...later, id: '00003', subject: 'customer-2', data },
      ]);
      const asked = async (query: Parameters<typeof openmeter.meters.query>[1]) => {
        const usage = await openmeter.meters.query('api_requests_total', query);
        return usage?.data.map(({ windowStart, subject, groupBy, value }) =>
          [windowStart.toISOString().slice(5, 13), subject, ...Object.values(groupBy), value].join(
            ' ',
          ),
        );
      };
      assert.deepEqual(await asked({ windowSize: 'HOUR' }), ['01-01T00  1', '01-01T23  2']);
      assert.deepEqual(await asked({ windowSize: 'DAY', windowTimeZone: 'Europe/Berlin' }), [
        '12-31T23  1',
        '01-01T23  2',
      ]);
      assert.deepEqual(await asked({ windowSize: 'DAY', groupBy: ['subject', 'method'] }), [
        '01-01T00 customer-1 GET 1',
        '01-01T00 customer-1 POST 1',
        '01-01T00 customer-2 GET 1',
      ]);
      const filter = { subject: ['customer-1'], filterGroupBy: { method: 'POST' } };
      assert.deepEqual(await asked({ windowSize: 'DAY', ...filter }), ['01-01T00 customer-1 1']);
      const [meter] = (await openmeter.meters.list()) ?? [];
      assert.equal(meter?.slug, 'api_requests_total');
      await assert.rejects(asked({ groupBy: ['color'] }), /\[400\]: .* has no group "color"/);
      await assert.rejects(asked({ windowSize: 'WEEK' as 'DAY' }), /\[400\]: .*windowSize/);
      await assert.rejects(
        openmeter.events.ingest({ ...event, id: '00001', time, subject: 'customer-2' }),
        /\[400\]: 1 problem: [/]0[/]id: an event of this source and id was counted/,
      );
      await assert.rejects(openmeter.events.list(), /\[405\]: this place takes POST/);
    } finally {
      await server.stop('SIGKILL');
    }
  });
});
