import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { logOf } from '../../src/sources/log-of.ts';

describe('logOf', () => {
  test('takes pieces that were rotated for one log', () => {
    const pieces = [
      ...['app.log', 'app.log.1', 'app.log.12.gz', 'app.log.zst', 'app.log-1', './app.log'],
      ...['app.log-20210301', 'app.log-20210301.gz', 'app.log.2021-03-01', 'app.log-1614556800'],
      ...['app-2021-03-01.log', 'app_20210301.log', 'app.20210301T120000Z.log'],
      ...['app-2021-03-01_12-00.log.gz', 'app-2021-03-01.log.1', 'app.log.20210301-1200'],
    ];
    for (const piece of pieces) assert.equal(logOf(`/var/log/${piece}`), '/var/log/app.log', piece);
  });

  test('tells logs apart whose names differ otherwise', () => {
    for (const [one, other] of [
      ['/a/app.log', '/b/app.log'],
      ['app.log', 'app.txt'],
      ['web1.log', 'web2.log'],
      ['web-1.log', 'web-2.log'],
      ['web-1', 'web-2'],
      ['10.0.0.7', '10.0.0.8'],
      ['id-1234567890.log', 'id-1234567891.log'],
      ['id-12345678.log', 'id-12345679.log'],
      ['id-120210301.log', 'id-220210301.log'],
      ['web1-2021-03-01.log', 'web2-2021-03-01.log'],
    ] as const)
      assert.notEqual(logOf(one), logOf(other));
  });

  test('keeps the folder as it is', () => {
    assert.equal(logOf('/logs/2021-03-01/app.log.1'), '/logs/2021-03-01/app.log');
    assert.notEqual(logOf('/logs/host.1/a.log'), logOf('/logs/host.2/a.log'));
  });
});
