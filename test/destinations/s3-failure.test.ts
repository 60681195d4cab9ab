import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { s3Failure } from '../../src/destinations/s3-failure.ts';

const PLACE = 's3://reports/k';

const status = (httpStatusCode: number) => ({ name: 'X', $metadata: { httpStatusCode } });

describe('s3Failure', () => {
  for (const [failure, told] of [
    [{ name: 'RequestTimeTooSkewed' }, 'the clock of this machine is wrong (403); set it'],
    [{ name: 'CredentialsProviderError' }, /there are no credentials; set AWS_ACCESS_KEY_ID and/],
    [
      { name: 'Error', message: 'Region is missing' },
      'there is no region; set region, or AWS_REGION',
    ],
    [{ name: '301', $metadata: { httpStatusCode: 301 } }, /in another region; check region/],
    [{ name: '403', $metadata: { httpStatusCode: 403 } }, /access is denied \(403\)/],
    [{ name: 'TimeoutError', code: 'ECONNRESET' }, /the connection broke/],
    [{ name: 'TimeoutError' }, /no answer in time/],
    [{ name: 'constructor', message: 'a\n b' }, 'constructor a b'],
    [{ name: 'X', message: 'y', $metadata: { httpStatusCode: 418 } }, 'X y (418)'],
    [{ name: 'X', message: 'y'.repeat(9999) }, /^.{200}$/],
  ] as const) {
    test(`tells of ${JSON.stringify(failure).slice(0, 80)}`, () => {
      const error = s3Failure('write', PLACE, Object.assign(new Error(), failure));
      const start = `cannot write ${PLACE}: `;
      assert.ok(error.message.startsWith(start), error.message);
      const reason = error.message.slice(start.length);
      if (typeof told === 'string') assert.equal(reason, told);
      else assert.match(reason, told);
    });
  }

  for (const [isTransient, failures] of [
    [true, [{ name: 'SlowDown' }, { name: 'TimeoutError' }, { code: 'ECONNREFUSED' }, status(503)]],
    [false, [{ name: 'SignatureDoesNotMatch' }, { name: 'NoSuchBucket' }, status(403), {}]],
  ] as const) {
    test(`says what ${isTransient ? 'may' : 'will not'} pass`, () => {
      for (const failure of failures) {
        const error = s3Failure('write', PLACE, Object.assign(new Error(), failure));
        assert.equal('isTransient' in error && error.isTransient, isTransient, error.message);
      }
    });
  }

  test('is an interruption where a signal says so', () => {
    const error = s3Failure('read', PLACE, new Error('aborted'), AbortSignal.abort());
    assert.equal('code' in error && error.code, 'INTERRUPTED');
  });
});
