import type { Database } from '../core/database.ts';
import { mysql } from './mysql.ts';
import type { DatabaseOptions } from './options.ts';
import { postgres } from './postgres.ts';

/** The kinds of database by name. */
export const databases: Readonly<
  Record<'postgres' | 'mysql', (options: DatabaseOptions) => Database>
> = { postgres, mysql };
