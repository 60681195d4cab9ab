import { DaybookError, interruption, systemCode } from '../core/errors.ts';

/** What is the matter, and what to try, by the code of the service, the driver or the system. */
const REASONS: Readonly<Record<string, string>> = {
  InvalidAccessKeyId: 'the service does not know the access key (403); check access_key_id',
  SignatureDoesNotMatch: 'the secret key is wrong (403); check secret_access_key',
  AccessDenied: 'access is denied (403); check the keys, and that they may read and write there',
  RequestTimeTooSkewed: 'the clock of this machine is wrong (403); set it',
  ExpiredToken: 'the credentials have expired; renew them',
  NoSuchBucket: 'there is no such bucket (404); make it, or check its name and region',
  PermanentRedirect: 'the bucket is in another region; check region',
  AuthorizationHeaderMalformed: 'the bucket is in another region; check region',
  CredentialsProviderError:
    'there are no credentials; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or access_key_id and secret_access_key',
  PreconditionFailed: 'something stands there that these keys may not look at (412)',
  QuotaExceeded: 'the quota is used up; make room',
  SlowDown: 'the service is overloaded; try again later',
  XAmzContentSHA256Mismatch: 'the content was damaged on the way; try again',
  BadDigest: 'the content was damaged on the way; try again',
  ECONNREFUSED: 'nobody answers there (connection refused); check that it runs, and endpoint',
  ENOTFOUND: 'there is no such host; check endpoint and region',
  EAI_AGAIN: 'the name of the host cannot be looked up; check the network',
  EHOSTUNREACH: 'the host cannot be reached; check the network',
  ENETUNREACH: 'the host cannot be reached; check the network',
  ETIMEDOUT: 'no answer in time; check the network, or try again later',
  TimeoutError: 'no answer in time; check the network, or try again later',
  ECONNRESET: 'the connection broke, also when tried again; try again later',
  EPIPE: 'the connection broke, also when tried again; try again later',
};

/** By status, where an answer has nothing but that. */
const STATUSES: Readonly<Record<number, string>> = {
  301: REASONS['PermanentRedirect']!,
  403: REASONS['AccessDenied']!,
};

/** What may be otherwise in a moment, beside all for which the service blames itself. */
const TRANSIENT: readonly string[] = [
  ...['SlowDown', 'RequestTimeout', 'XAmzContentSHA256Mismatch', 'BadDigest', 'TimeoutError'],
  ...['ECONNREFUSED', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'ETIMEDOUT'],
  ...['ECONNRESET', 'EPIPE'],
];
const TOO_MANY_REQUESTS = 429;

/**
 * Says what failed at a place in S3, in words without anything secret.
 *
 * @param doing - `write` or `read`.
 */
export function s3Failure(
  doing: 'read' | 'write',
  location: string,
  cause: unknown,
  signal?: AbortSignal,
): Error {
  if (signal?.aborted) return interruption(signal);
  if (cause instanceof DaybookError) return cause;
  const message = `cannot ${doing} ${location}: ${reasonOf(cause)}`;
  return new DaybookError('DESTINATION_UNWRITABLE', message, {
    cause,
    isTransient: isTransient(cause),
  });
}

/** The status of the service's answer, if it gave one. */
export function statusOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('$metadata' in error)) return undefined;
  const status = (error.$metadata as { readonly httpStatusCode?: unknown })?.httpStatusCode;
  return typeof status === 'number' ? status : undefined;
}

function isTransient(cause: unknown): boolean {
  const status = statusOf(cause) ?? 0;
  if (status >= 500 || status === TOO_MANY_REQUESTS) return true;
  return (
    cause instanceof Error && TRANSIENT.some((it) => [systemCode(cause), cause.name].includes(it))
  );
}

function reasonOf(cause: unknown): string {
  const error = cause instanceof Error ? cause : new Error(String(cause));
  const status = statusOf(error);
  // The system's own code comes first: the driver names more than one of them TimeoutError.
  for (const code of [systemCode(error) ?? '', error.name])
    if (Object.hasOwn(REASONS, code)) return REASONS[code]!;
  if (error.message === 'Region is missing') return 'there is no region; set region, or AWS_REGION';
  const known = status === undefined ? undefined : STATUSES[status];
  if (known !== undefined) return known;
  const told = `${error.name} ${error.message}`.replaceAll(/\s+/g, ' ').slice(0, 200);
  return status === undefined ? told : `${told} (${status})`;
}
