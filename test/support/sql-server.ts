import type { DatabaseSettings } from '../../src/config/database-schema.ts';

/** A database server of the tests. */
export interface SqlServer {
  readonly type: DatabaseSettings['type'];
  readonly port: number;
  /** Makes a database of its own, filled by statements. Returns how to connect to it. */
  database(sql: string): Promise<string>;
  /** Runs statements in a database. */
  run(url: string, sql: string): Promise<void>;
  /** Sends a signal to all of its processes. */
  signal(signal: NodeJS.Signals): void;
}
