/** How to connect to a database. */
export interface DatabaseOptions {
  /** What messages call it, such as `database platform`. */
  readonly name: string;
  /** A host, an address, or from `/` on the path of a socket (of PostgreSQL: of its folder). */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  /** Whether to encrypt; `verify` refuses also who is not the host. */
  readonly ssl: 'off' | 'required' | 'verify';
  /** Certificates in PEM of who may say that; those of the system unless given. */
  readonly ca?: string | undefined;
}

/** How long a server may take to let one in. */
export const CONNECT_TIMEOUT_MS = 10_000;

/** How long a connection is idle before it is asked whether anybody is there. */
export const KEEP_ALIVE_MS = 30_000;

/** How long a server may take to be told that nobody waits for its answer any more. */
export const STOP_MS = 2000;

/** Rows handed over at a time. */
export const PORTION_ROWS = 1000;
