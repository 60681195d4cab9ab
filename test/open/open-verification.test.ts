import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { openHistory } from '../../src/open/open-history.ts';
import { openVerification } from '../../src/open/open-verification.ts';
import { configured } from '../support/configuration.ts';
import { runLike } from '../support/run-history-suite.ts';

describe('openVerification', () => {
  test('closes where the report goes to when it is done', async ({ mock }) => {
    const folder = mkdtempSync(join(tmpdir(), 'daybook-test-'));
    try {
      const { configuration } = await configured(`store: { path: ${join(folder, 'daybook.db')} }
databases: { db: { type: postgres, url: "postgres://u@127.0.0.1:1/d" } }
reports:
  active-users:
    type: activity
    subjects: { database: db, table: users, key: id, columns: [] }
    activity: { database: db, table: done, key: id, time: day }
    destination: { type: s3, bucket: reports, key: "{as_of}.csv" }
`);
      const run = runLike({ state: 'done', digest: 'ab' });
      const history = await openHistory(configuration);
      await history.begin(run);
      await history.close();
      const opened = await openVerification(configuration, run.id);
      const { mock: close } = mock.method(opened.asked.archive!, 'close');
      {
        await using using = opened;
        assert.deepEqual([using.run.id, close.callCount()], [run.id, 0]);
      }
      assert.equal(close.callCount(), 1);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
