import {
  CONFIGURATION_FILE,
  type Configuration,
  defaultConfiguration,
  readConfiguration,
} from '../config/configuration.ts';
import type { KeyRing } from '../core/access-key.ts';
import { DaybookError } from '../core/errors.ts';
import type { Store } from '../core/store.ts';
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
  /** What is configured, of the store that is used; nothing but sources where files are served. */
  readonly configuration: Configuration;
  readonly store: Store;
  readonly keys: KeyRing;
  readonly reports: OpenedReports;
  readonly log: LogSettings;
}

/**
 * Opens what is to be served; makes the store if there is none.
 *
 * @throws DaybookError `USAGE` or `STORE_UNUSABLE`
 */
export async function openServe(words: ServeWords, env: NodeJS.ProcessEnv): Promise<OpenedServe> {
  const { config = CONFIGURATION_FILE } = words;
  const read = words.files?.length
    ? { ...(await defaultConfiguration()), sources: new Map([[FILES, await servedFiles(words)]]) }
    : await readConfiguration(config, env);
  const port = portOf(words.port, read.server.port);
  const path = words.store ?? read.store.path;
  const configuration = { ...read, store: { ...read.store, path } };
  const store = await openStoreForWriting(configuration.store);
  const keys = await openKeys({ store: path });
  const reports = await openReports(configuration);
  const host = words.host ?? read.server.host;
  const log = { ...read.log, orOutput: true };
  return { host, port, configuration, store, keys, reports, log };
}

/** What the source is called that files are. */
const FILES = 'files';

function portOf(word: string | undefined, configured: number): number {
  if (word === undefined) return configured;
  if (/^[0-9]{1,5}$/.test(word) && Number(word) <= 65_535) return Number(word);
  throw new DaybookError('USAGE', `${JSON.stringify(word)} is no port; write 0 to 65535`);
}
