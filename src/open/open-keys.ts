import { existsSync } from 'node:fs';
import { CONFIGURATION_FILE, readConfiguration } from '../config/configuration.ts';
import type { KeyRing } from '../core/access-key.ts';
import { openStoreForWriting } from './open-ingest.ts';
import type { StoreWords } from './store-path.ts';

/**
 * Opens the keys of a store, which is made if there is none.
 *
 * @throws DaybookError `USAGE` or `STORE_UNUSABLE`
 */
export async function openKeys(
  { store, config = CONFIGURATION_FILE }: StoreWords,
  env: NodeJS.ProcessEnv = process.env,
): Promise<KeyRing> {
  const settings =
    store === undefined
      ? (await readConfiguration(config, env)).store
      : { path: store, keep: 'events' as const };
  if (!existsSync(settings.path)) await (await openStoreForWriting(settings)).close();
  const { keyRings } = await import('../stores/index.ts');
  return keyRings.sqlite(settings);
}
