import { userInfo } from 'node:os';
import { quote } from '../core/time.ts';
import type { DatabaseOptions } from '../databases/options.ts';
import type { DatabaseSettings } from './database-schema.ts';

const PORTS = { postgres: 5432, mysql: 3306 } as const;

/** How URLs say whether to encrypt, in the words of several drivers. */
const SSL: ReadonlyMap<string, DatabaseOptions['ssl']> = new Map([
  ...(['disable', 'disabled', 'off', 'false', '0'] as const).map((word) => [word, 'off'] as const),
  ...(['require', 'required', 'true', '1'] as const).map((word) => [word, 'required'] as const),
  ...(['verify', 'verify-ca', 'verify_ca', 'verify-full', 'verify_identity'] as const).map(
    (word) => [word, 'verify'] as const,
  ),
]);
const SSL_KEYS: readonly string[] = ['sslmode', 'ssl-mode', 'ssl'];

/** A setting of a database with which nobody can connect. */
export class UnusableSetting extends Error {
  readonly key: keyof DatabaseSettings;

  constructor(key: keyof DatabaseSettings, message: string) {
    super(message);
    this.key = key;
  }
}

/**
 * How to connect, by a URL, its parts, or both.
 *
 * @throws UnusableSetting
 */
export function connectionOf(settings: DatabaseSettings): Omit<DatabaseOptions, 'name' | 'ca'> {
  const { type, url, ssl, ca } = settings;
  const parts = url === undefined ? settings : partsOf(url);
  for (const key of ['host', 'port', 'database', 'user', 'password'] as const)
    if (url !== undefined && settings[key] !== undefined && parts[key] !== undefined)
      refuse(key, 'the URL says it, too; say it once');
  const { host, port, database, user, password } = { ...parts, ...defined(settings) };
  const mode = ssl ?? parts.ssl ?? (ca === undefined ? 'off' : 'verify');
  if (ca !== undefined && mode !== 'verify') refuse('ca', 'certificates are for ssl: verify');
  return {
    host: host ?? (url === undefined ? refuse('host', 'say the host, or a url') : 'localhost'),
    port: port ?? PORTS[type],
    database: database ?? refuse('database', 'which database of the server? The URL ends with it'),
    user: user ?? userInfo().username,
    password: password ?? '',
    ssl: mode,
  };
}

function refuse(key: keyof DatabaseSettings, message: string): never {
  throw new UnusableSetting(key, message);
}

type Parts = Pick<DatabaseSettings, 'host' | 'port' | 'database' | 'user' | 'password' | 'ssl'>;

function partsOf(text: string): Parts {
  const unreadable = () =>
    refuse('url', 'this cannot be read; write marks in a password as %40 for @, or say password:');
  const url = URL.parse(text) ?? unreadable();
  // What stands behind a mark in a password is taken for the rest: it is not to be shown.
  const rest = url.pathname + url.search;
  if (url.hash !== '' || rest.includes('@') || url.pathname.includes('/', 1)) unreadable();
  const plain = (part: string) => {
    try {
      return part === '' ? undefined : decodeURIComponent(part);
    } catch {
      return unreadable();
    }
  };
  let ssl: DatabaseOptions['ssl'] | undefined;
  let socket: string | undefined;
  for (const [key, value] of url.searchParams) {
    if (SSL_KEYS.includes(key)) {
      ssl =
        SSL.get(value.toLowerCase()) ?? refuse('url', `${key} is disable, require or verify-full`);
    } else if (key === 'host' || key === 'socket') socket = value;
    else refuse('url', `?${quote(key)} is not known; there are sslmode, host and socket`);
  }
  return {
    host: socket ?? plain(url.hostname.replace(/^\[(.*)\]$/, '$1')),
    port: url.port === '' ? undefined : Number(url.port),
    database: plain(url.pathname.slice(1)),
    user: plain(url.username),
    password: plain(url.password),
    ssl,
  };
}

/** Of some settings, those that are given. */
function defined(settings: DatabaseSettings): DatabaseSettings {
  const given = Object.entries(settings).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as unknown as DatabaseSettings;
}
