import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe } from 'node:test';
import { sqlite } from '../../src/stores/sqlite.ts';
import { storeSuite } from '../support/store-suite.ts';

describe('sqlite', () => {
  storeSuite(async (keep) => {
    const folder = mkdtempSync(join(tmpdir(), 'daybook-store-'));
    const path = join(folder, 'daybook.db');
    const store = sqlite({ path, keep });
    return {
      store,
      again: () => sqlite({ path, readOnly: true }),
      async [Symbol.asyncDispose]() {
        await store.close();
        rmSync(folder, { recursive: true });
      },
    };
  });
});
