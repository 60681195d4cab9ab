import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { DaybookError } from '../../src/core/errors.ts';
import { servedStore } from '../support/server.ts';

describe('the health of a service', () => {
  const served = servedStore({ 'log.csv': 'acme,login,2021-03-01 00:15:00+00,1' });

  async function asked(url: string): Promise<string> {
    const { statusCode, body } = await served.api.inject(url);
    return `${statusCode} ${body}`;
  }

  test('is that it lives, and that its store can be read', async (context) => {
    const well = '200 {"status":"ok"}';
    assert.equal(await asked('/healthz/live'), well);
    assert.equal(await asked('/healthz/ready'), well);
    const lost = new DaybookError('STORE_UNUSABLE', 'cannot read it: it is gone');
    const streams = context.mock.method(served.store, 'streams', () => Promise.reject(lost));
    assert.equal(await asked('/healthz/live'), well);
    assert.match(await asked('/healthz/ready'), /^503 .*"detail":"cannot read it: it is gone"/);
    streams.mock.restore();
    assert.equal(await asked('/healthz/ready'), well);
  });
});
