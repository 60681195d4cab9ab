import { CONFIGURATION_FILE, readConfiguration } from '../config/configuration.ts';

/** Which store is meant, in a user's words. */
export interface StoreWords {
  /** Its file; it wins over that of a configuration. */
  readonly store?: string | undefined;
  /** A configuration that names it: `daybook.yaml` where neither is given. */
  readonly config?: string | undefined;
}

/**
 * Finds out which store is meant.
 *
 * @throws DaybookError `USAGE` - There is no such configuration, or something is wrong with it.
 */
export async function storePathOf(
  { store, config }: StoreWords,
  env: NodeJS.ProcessEnv = process.env,
): Promise<string> {
  if (store !== undefined) return store;
  return (await readConfiguration(config ?? CONFIGURATION_FILE, env)).store.path;
}
