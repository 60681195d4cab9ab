import { connectionOf, UnusableSetting } from '../config/connection.ts';
import type { DatabaseSettings } from '../config/database-schema.ts';
import { readSmallFile } from '../config/small-file.ts';
import type { Database } from '../core/database.ts';
import { DaybookError } from '../core/errors.ts';
import { databases } from '../databases/index.ts';
import type { DatabaseOptions } from '../databases/options.ts';

/**
 * Makes a database ready to be asked; nothing is connected yet.
 *
 * @param name - What the configuration calls it.
 * @throws DaybookError `USAGE` - How to connect is not said, or the file of certificates cannot be read.
 */
export function openDatabase(name: string, settings: DatabaseSettings): Database {
  return databases[settings.type](databaseOptions(name, settings));
}

/**
 * How to connect to a database of a configuration.
 *
 * @throws DaybookError `USAGE`
 */
export function databaseOptions(name: string, settings: DatabaseSettings): DatabaseOptions {
  const { ca } = settings;
  try {
    const connection = connectionOf(settings);
    const certificates = ca === undefined ? undefined : readSmallFile(ca);
    if (ca !== undefined && certificates === undefined)
      throw new UnusableSetting('ca', `there is no file ${ca}`);
    return { name: `database ${name}`, ...connection, ca: certificates };
  } catch (error) {
    if (!(error instanceof UnusableSetting)) throw error;
    throw new DaybookError('USAGE', `databases.${name}.${error.key}: ${error.message}`);
  }
}
