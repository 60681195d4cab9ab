import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { servedStore } from '../support/server.ts';

const ROW = 'acme,login,2021-03-01T00:15:00Z,1\n';

describe('GET /metrics', () => {
  const served = servedStore({ 'log.csv': `${ROW}soon\na,b,c,d\n${ROW}never\n` });

  /** Values by name and labels. */
  async function told(): Promise<ReadonlyMap<string, number>> {
    const { body } = await served.api.inject('/metrics');
    const lines = body.split('\n').filter((line) => /^daybook_/.test(line));
    return new Map(lines.map((line) => [line.replace(/ \S+$/, ''), Number(/\S+$/.exec(line))]));
  }

  test('tells what was read of each source, however often it is asked', async () => {
    for (const values of await Promise.all([told(), told(), told()])) {
      const of = (name: string) => values.get(`daybook_${name}`);
      assert.equal(of('ingested_events_total{source="events",outcome="counted"}'), 2);
      assert.equal(of('ingested_events_total{source="events",outcome="duplicate"}'), 0);
      assert.equal(of('ingested_bytes_total{source="events"}'), 2 * ROW.length + 19);
      assert.equal(of('rejected_records_total{source="events",reason="field count"}'), 2);
      assert.equal(of('rejected_records_total{source="events",reason="time"}'), 1);
      const time = Date.parse('2021-03-01T00:15:00Z') / 1000;
      assert.equal(of('source_complete_through_timestamp_seconds{source="events"}'), time);
      const lag = of('source_lag_seconds{source="events"}')!;
      assert.ok(Math.abs(Date.now() / 1000 - time - lag) < 60);
    }
  });

  test('tells how long commits take', async () => {
    const count = async () => (await told()).get('daybook_commit_duration_seconds_count');
    assert.equal(await count(), 0);
    const payload = { specversion: '1.0', id: '1', source: 's', type: 't', subject: 'acme' };
    const answer = await served.api.inject({ method: 'POST', url: '/api/v1/events', payload });
    assert.equal(answer.statusCode, 204);
    assert.equal(await count(), 1);
    const counted = 'daybook_ingested_events_total{source="posted",outcome="counted"}';
    assert.equal((await told()).get(counted), 1);
  });
});

describe('GET /metrics of a source that is followed', () => {
  let through = Number.NEGATIVE_INFINITY;
  const served = servedStore({ 'log.csv': ROW }, { completeThrough: () => through });

  test('tells no lag before that is known', async () => {
    const lag = async () => {
      const { body } = await served.api.inject('/metrics');
      return /^daybook_source_lag_seconds\{source="events"\} (.*)$/m.exec(body)?.[1];
    };
    assert.equal(await lag(), undefined);
    through = Date.now() - 60_000;
    assert.match(String(await lag()), /^6[0-9]([.][0-9]+)?$/);
  });
});
