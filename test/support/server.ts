import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import { openStore } from '../../src/config/open-inputs.ts';
import { openKeys } from '../../src/config/open-keys.ts';
import type { KeyRing } from '../../src/core/access-key.ts';
import type { Store } from '../../src/core/store.ts';
import type { Api } from '../../src/server/api.ts';
import { EventPoster } from '../../src/server/event-poster.ts';
import { openServer } from '../../src/server/open-server.ts';
import { KeptStore, type SourceOptions } from './kept-store.ts';

/** A server that answers, without a socket, out of a store of CSV files; for the tests of a `describe`. */
export interface TestServer {
  readonly api: Api;
  readonly keys: KeyRing;
}

/** Makes a store of files, and a server for all tests of the `describe` around. */
export function servedStore(
  files: Readonly<Record<string, string>>,
  options?: SourceOptions,
): TestServer {
  const served: { api?: Api; keys?: KeyRing } = {};
  let kept: KeptStore | undefined;
  let store: Store | undefined;
  let events: EventPoster | undefined;
  before(async () => {
    kept = new KeptStore(files, options);
    await kept.ingest();
    store = await openStore(kept.path);
    const keys = await openKeys({ store: kept.path });
    events = new EventPoster({ path: kept.path, keep: 'events' }, assert.fail);
    const context = { path: kept.path, store, keys, events, now: Date.now };
    const api = await openServer(context, '0.0.0');
    Object.assign(served, { api, keys });
  });
  after(async () => {
    await served.api?.close();
    await events?.close();
    served.keys?.[Symbol.dispose]();
    await store?.close();
    kept?.[Symbol.dispose]();
  });
  return served as TestServer;
}
