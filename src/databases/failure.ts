import { withoutControls } from '../core/cell.ts';
import { DaybookError, interruption, systemCode } from '../core/errors.ts';
import type { DatabaseOptions } from './options.ts';

type Reason = readonly [codes: readonly string[], reason: string, isTransient?: true];

/** What failed for which reason: what a server or the system calls it, what to say of it, and whether it may pass. */
const REASONS: readonly Reason[] = [
  [['ECONNREFUSED'], 'no server answers there; is it running, and is that its port?', true],
  [['ENOTFOUND'], 'no host of that name is known'],
  [['EAI_AGAIN'], 'no host of that name is known', true],
  [['ENOENT'], 'there is no such socket; is the server running?', true],
  [
    ['ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH', 'timeout expired'],
    'no answer in time; is the way there open?',
    true,
  ],
  [['28P01', 'ER_ACCESS_DENIED_ERROR'], 'the server refuses this user with this password'],
  [['3D000', 'ER_BAD_DB_ERROR'], 'the server has no database of that name'],
  [['ER_DBACCESS_DENIED_ERROR'], 'the user may not use this database'],
  [['53300', 'ER_CON_COUNT_ERROR', 'ER_TOO_MANY_USER_CONNECTIONS'], 'too many connections', true],
  [
    ['The server does not support SSL connections', 'HANDSHAKE_NO_SSL_SUPPORT'],
    'the server does not encrypt; say ssl: off if that is meant',
  ],
  [
    [
      ...['DEPTH_ZERO_SELF_SIGNED_CERT', 'SELF_SIGNED_CERT_IN_CHAIN', 'CERT_HAS_EXPIRED'],
      ...['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY'],
      ...['ERR_TLS_CERT_ALTNAME_INVALID', 'HANDSHAKE_SSL_ERROR'],
    ],
    'its certificate does not prove that it is this host; name who signed it in ca:',
  ],
  [
    [
      ...['ECONNRESET', 'EPIPE', 'PROTOCOL_CONNECTION_LOST', 'Connection terminated unexpectedly'],
      ...['57P01', '57P02', '57P03', 'ER_SERVER_SHUTDOWN', 'ER_CONNECTION_KILLED'],
    ],
    'the server went away; try again when it is back',
    true,
  ],
];

/** What a server says in its own words, and may not say in a moment: it waits for others, ran out of time or room. */
const TRANSIENT: readonly string[] = [
  ...['40001', '40P01', '53000', '53100', '53200', '55P03', '57014', '58030'],
  ...['ER_LOCK_WAIT_TIMEOUT', 'ER_LOCK_DEADLOCK', 'ER_STATEMENT_TIMEOUT', 'ER_QUERY_TIMEOUT'],
  ...['ER_DISK_FULL', 'ER_OUT_OF_RESOURCES', 'ER_QUERY_INTERRUPTED'],
];

/** What the configuration asks for and the server does not have. */
const WRONG: readonly string[] = [
  ...['42P01', '3F000', '42703', '42601', '42883', '42804', '42803', '42702', '42846', '25006'],
  ...['ER_NO_SUCH_TABLE', 'ER_BAD_FIELD_ERROR', 'ER_PARSE_ERROR', 'ER_DUP_FIELDNAME'],
  ...['ER_DERIVED_MUST_HAVE_ALIAS', 'ER_CANT_EXECUTE_IN_READ_ONLY_TRANSACTION', '0A000'],
];

/** Where a database is, as messages say it; without what is secret. */
export function placeOf({ name, host, port }: DatabaseOptions): string {
  return host.startsWith('/') ? `${name} (${host})` : `${name} (${host}:${port})`;
}

/** What a user is told of a driver's error. */
export function databaseFailure(
  cause: unknown,
  options: DatabaseOptions,
  signal: AbortSignal | undefined,
): unknown {
  if (signal?.aborted) return interruption(signal);
  if (cause instanceof DaybookError || !(cause instanceof Error)) return cause;
  const code = systemCode(cause) ?? '';
  const found = REASONS.find(([codes]) => codes.includes(code) || codes.includes(cause.message));
  const [, reason, isTransient = TRANSIENT.includes(code)] = found ?? [];
  const told = withoutControls(withoutPassword(cause.message, options)).slice(0, 500);
  const hint = /no encryption|require_secure_transport/.test(told) ? '; say ssl: required' : '';
  return new DaybookError(
    WRONG.includes(code) ? 'USAGE' : 'SOURCE_UNREADABLE',
    `${placeOf(options)}, user ${options.user}, database ${options.database}: ${reason ?? told}${hint}`,
    { cause, isTransient },
  );
}

/** No server says a password, but a proxy may repeat what it was sent. */
function withoutPassword(text: string, { password }: DatabaseOptions): string {
  return password.length > 3 ? text.replaceAll(password, '***') : text;
}
