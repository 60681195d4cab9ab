import type { KeyRing } from '../core/access-key.ts';
import { DaybookError } from '../core/errors.ts';
import type { Keep, Store } from '../core/store.ts';
import { CONFIGURATION_FILE, type Configuration, readConfiguration } from './configuration.ts';
import type { MeterSettings } from './meter-schema.ts';
import { openStoreForWriting } from './open-ingest.ts';
import { openKeys } from './open-keys.ts';
import type { LogSettings } from './open-log.ts';
import { type OpenedReports, openReports } from './open-reports.ts';
import { type FileWords, servedFiles } from './served-files.ts';

/** What to serve and where, in a user's words: a configuration, or files. */
export interface ServeWords extends FileWords {
  readonly config?: string | undefined;
  readonly store?: string | undefined;
  readonly host?: string | undefined;
  readonly port?: string | undefined;
}

/** A store, and the address to answer at. */
export interface OpenedServe {
  readonly host: string;
  readonly port: number;
  readonly path: string;
  readonly keep: Keep;
  /** What is configured, of the store that is used; nothing but sources where files are served. */
  readonly configuration: Configuration;
  readonly store: Store;
  readonly keys: KeyRing;
  readonly meters: readonly MeterSettings[];
  readonly reports: OpenedReports;
  readonly log: LogSettings;
  /** Of a key; any number unless given. */
  readonly requestsPerMinute: number | undefined;
}

/**
 * Opens what is to be served; makes the store if there is none.
 *
 * @throws DaybookError `USAGE` or `STORE_UNUSABLE`
 */
export async function openServe(words: ServeWords, env: NodeJS.ProcessEnv): Promise<OpenedServe> {
  const { config = CONFIGURATION_FILE } = words;
  const read = words.files?.length
    ? { ...FILES_ONLY, sources: new Map([[FILES, await servedFiles(words)]]) }
    : await readConfiguration(config, env);
  const { server, meters } = read;
  const port = portOf(words.port, server.port);
  const path = words.store ?? read.store.path;
  const configuration = { ...read, store: { ...read.store, path } };
  const store = await openStoreForWriting(configuration.store);
  const keys = await openKeys({ store: path });
  const reports = await openReports(configuration);
  const host = words.host ?? server.host;
  const { keep } = configuration.store;
  const requestsPerMinute = server.requests_per_minute;
  const log = { ...configuration.log, orOutput: true };
  const parts = { configuration, store, keys, meters, reports, log };
  return { ...parts, path, keep, requestsPerMinute, host, port };
}

/** What the source is called that files are. */
const FILES = 'files';

/** A configuration where there is none. */
const FILES_ONLY: Configuration = {
  store: { type: 'sqlite', path: 'daybook.db', keep: 'events' },
  sources: new Map(),
  databases: new Map(),
  meters: [],
  reports: new Map(),
  history: { type: 'store' },
  server: { host: '127.0.0.1', port: 8000 },
  log: { level: 'info' },
};

function portOf(word: string | undefined, configured: number): number {
  if (word === undefined) return configured;
  if (/^[0-9]{1,5}$/.test(word) && Number(word) <= 65_535) return Number(word);
  throw new DaybookError('USAGE', `${JSON.stringify(word)} is no port; write 0 to 65535`);
}
