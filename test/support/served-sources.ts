import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before } from 'node:test';
import type { MeterSettings } from '../../src/config/meter-schema.ts';
import type { SourceSettings } from '../../src/config/source-schema.ts';
import { openStoreForWriting } from '../../src/open/open-ingest.ts';
import { openKeys } from '../../src/open/open-keys.ts';
import type { Api } from '../../src/server/api.ts';
import { EventPoster } from '../../src/server/event-poster.ts';
import { openServer } from '../../src/server/open-server.ts';
import { servedReports } from './served-reports.ts';

const LOGS: Readonly<Record<string, [text: string, format: object]>> = {
  events: [
    ['acme', 'globex', "o'neil"].map((name) => `${name},login,2021-03-01T09:00:00Z,1.5\n`).join(''),
    {
      format: 'csv',
      columns: { subject: 1, type: 2, time: 3, value: 4 },
      header: 'none',
      time_unit: 'ms',
    },
  ],
  sessions: [
    '09:00:00 acme Start\n09:00:01 globex Start\nnonsense\n09:00:10 acme End\n',
    {
      format: 'session-log',
      log: 'file',
      spans_midnight: false,
      extra_fields: 'reject',
      date: '2021-03-01',
    },
  ],
  connections: [
    '1614589200000 acme globex\n1614589200001 acme globex\n',
    { format: 'connection-log', time_unit: 'ms' },
  ],
};

const METERS: readonly MeterSettings[] = [
  { slug: 'logins', eventType: 'login', aggregation: 'COUNT' },
  {
    slug: 'tokens',
    source: 'posted',
    aggregation: 'SUM',
    valueProperty: '$.n',
    groupBy: { model: '$.m' },
  },
  { slug: 'sessions', source: 'sessions', aggregation: 'SESSIONS' },
];

/** A service of a source of each kind, which it follows, and of meters; for the tests of a `describe`. */
export function servedSources(): { readonly api: Api; readonly path: string } {
  const served: { api?: Api; path?: string } = {};
  const closing = new AsyncDisposableStack();
  before(async () => {
    const folder = mkdtempSync(join(tmpdir(), 'daybook-served-'));
    closing.defer(() => rmSync(folder, { recursive: true }));
    const sources = Object.entries(LOGS).map(([name, [text, format]]) => {
      const path = join(folder, `${name}.log`);
      writeFileSync(path, text);
      return [
        name,
        { type: 'file', paths: [path], ...format } as unknown as SourceSettings,
      ] as const;
    });
    const path = join(folder, 'daybook.db');
    const store = await openStoreForWriting({ path, keep: 'events' });
    closing.defer(() => store.close());
    const keys = closing.use(await openKeys({ store: path }));
    const events = new EventPoster({ path, keep: 'events', sources }, assert.fail);
    closing.defer(() => events.close());
    const completeThrough = (source: string) => events.progressOf(source)?.through;
    const meters = METERS;
    const reports = await servedReports();
    closing.defer(() => reports.close());
    const context = {
      ...{ path, store, keys, meters, completeThrough, events, reports, now: Date.now },
    };
    const api = await openServer(context, '0.0.0');
    closing.defer(() => api.close());
    events.start();
    while (sources.some(([name]) => completeThrough(name) === -Infinity))
      await new Promise((resolve) => setTimeout(resolve, 10));
    Object.assign(served, { api, path });
  });
  after(() => closing.disposeAsync());
  return served as { api: Api; path: string };
}
