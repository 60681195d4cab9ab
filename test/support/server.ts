import { after, before } from 'node:test';
import { openStore } from '../../src/config/open-inputs.ts';
import type { Store } from '../../src/core/store.ts';
import type { Api } from '../../src/server/api.ts';
import { openServer } from '../../src/server/open-server.ts';
import { KeptStore, type SourceOptions } from './kept-store.ts';

/** A server that answers, without a socket, out of a store of CSV files; for the tests of a `describe`. */
export interface TestServer {
  readonly api: Api;
}

/** Makes a store of files, and a server for all tests of the `describe` around. */
export function servedStore(
  files: Readonly<Record<string, string>>,
  options?: SourceOptions,
): TestServer {
  const served: { api?: Api } = {};
  let kept: KeptStore | undefined;
  let store: Store | undefined;
  before(async () => {
    kept = new KeptStore(files, options);
    await kept.ingest();
    store = await openStore(kept.path);
    served.api = await openServer({ path: kept.path, store, now: Date.now }, '0.0.0');
  });
  after(async () => {
    await served.api?.close();
    await store?.close();
    kept?.[Symbol.dispose]();
  });
  return served as TestServer;
}
