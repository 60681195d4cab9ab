import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import type { MeterSettings } from '../../src/config/meter-schema.ts';
import type { KeyRing } from '../../src/core/access-key.ts';
import { type Log, SILENT } from '../../src/core/log.ts';
import type { Store } from '../../src/core/store.ts';
import { openStoreForWriting } from '../../src/open/open-ingest.ts';
import { openKeys } from '../../src/open/open-keys.ts';
import type { Api, ServerContext } from '../../src/server/api.ts';
import { EventPoster } from '../../src/server/event-poster.ts';
import { openServer } from '../../src/server/open-server.ts';
import { type ReportParts, ReportRuns } from '../../src/server/report-runs.ts';
import { KeptStore, type SourceOptions } from './kept-store.ts';
import { memoryRuns } from './memory-runs.ts';

/** What a server is of, besides what its store is of. */
export interface ServedOptions extends SourceOptions {
  readonly meters?: readonly MeterSettings[];
  readonly requestsPerMinute?: number;
  readonly reports?: Partial<ReportParts>;
  readonly log?: Log;
  readonly live?: ServerContext['live'];
  readonly requestMs?: number;
  readonly stopMs?: number;
  readonly completeThrough?: ServerContext['completeThrough'];
}

/** A server that answers, without a socket, out of a store of CSV files; for the tests of a `describe`. */
export interface TestServer {
  readonly api: Api;
  readonly keys: KeyRing;
  readonly store: Store;
  readonly reports: ReportRuns;
}

/** Makes a store of files, and a server for all tests of the `describe` around. */
export function servedStore(
  files: Readonly<Record<string, string>>,
  {
    meters = [],
    requestsPerMinute,
    requestMs,
    stopMs,
    reports: parts,
    log,
    live,
    completeThrough,
    ...options
  }: ServedOptions = {},
): TestServer {
  let kept: KeptStore | undefined;
  let store: Store | undefined;
  let events: EventPoster | undefined;
  const reports = new ReportRuns({
    ...{ reports: new Map(), history: memoryRuns(), log: SILENT, open: assert.fail },
    ...parts,
  });
  const served: { api?: Api; keys?: KeyRing; store?: Store; reports: ReportRuns } = { reports };
  before(async () => {
    kept = new KeptStore(files, options);
    await kept.ingest();
    const { keep = 'events' } = options;
    store = await openStoreForWriting({ path: kept.path, keep });
    const keys = await openKeys({ store: kept.path });
    events = new EventPoster({ path: kept.path, keep }, assert.fail);
    const context = {
      ...{ path: kept.path, store, keys, meters, events, reports, log, now: Date.now },
      ...(live && { live }),
      completeThrough,
    };
    const limits = {
      requestsPerMinute,
      ...(requestMs !== undefined && { requestMs }),
      ...(stopMs !== undefined && { stopMs }),
    };
    const api = await openServer(context, '0.0.0', limits);
    Object.assign(served, { api, keys, store });
  });
  after(async () => {
    await served.api?.close();
    await reports.close();
    await events?.close();
    served.keys?.[Symbol.dispose]();
    await store?.close();
    kept?.[Symbol.dispose]();
  });
  return served as TestServer;
}
