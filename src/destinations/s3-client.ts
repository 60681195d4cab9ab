import { Readable } from 'node:stream';
import type { S3 } from '@aws-sdk/client-s3';

/** Where a bucket's service is, and who asks. */
export interface S3Access {
  /** Region of the bucket; what the environment says unless given. */
  readonly region?: string | undefined;
  /** URL of a service other than AWS. */
  readonly endpoint?: string | undefined;
  /** Whether the bucket stands in the path of URLs; true unless given where there is an endpoint. */
  readonly pathStyle?: boolean | undefined;
  /** Both or none: without them the driver looks in its usual places, such as variables and roles. */
  readonly accessKeyId?: string | undefined;
  readonly secretAccessKey?: string | undefined;
  /** How long a connection may be silent; a minute unless given. */
  readonly timeoutMs?: number | undefined;
}

const CONNECT_MS = 10_000;
const ATTEMPTS = 4;

/** Loads the driver, and has it send the bytes of a Blob anew, and signed, in each of its attempts. */
export async function connectS3(access: S3Access): Promise<S3> {
  const { region, endpoint, accessKeyId, secretAccessKey, timeoutMs = 60_000 } = access;
  const { S3 } = await import('@aws-sdk/client-s3');
  const client = new S3({
    maxAttempts: ATTEMPTS,
    requestHandler: {
      connectionTimeout: Math.min(CONNECT_MS, timeoutMs),
      socketTimeout: timeoutMs,
    },
    // Other services refuse the driver's own trailing checksums; ours is in the head of the request.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    ...(endpoint === undefined ? {} : { endpoint, region: 'us-east-1' }),
    ...(region === undefined ? {} : { region }),
    forcePathStyle: access.pathStyle ?? endpoint !== undefined,
    ...(accessKeyId === undefined || secretAccessKey === undefined
      ? {}
      : { credentials: { accessKeyId, secretAccessKey } }),
  });
  client.middlewareStack.add(
    (next) => (args) => {
      if (isRequest(args.request)) signContent(args.request.headers);
      return next(args);
    },
    { step: 'build', name: 'daybookContent' },
  );
  // Behind the driver's attempts, which would be only one if it saw a stream.
  client.middlewareStack.add(
    (next) => async (args) => {
      const { request } = args;
      if (!isRequest(request) || !(request.body instanceof Blob)) return next(args);
      const body = Readable.fromWeb(request.body.stream());
      const broken = new Promise<never>((_, reject) => body.once('error', reject));
      try {
        return await Promise.race([next({ ...args, request: withBody(request, body) }), broken]);
      } finally {
        body.on('error', () => {}).destroy();
      }
    },
    { step: 'finalizeRequest', name: 'daybookBody', priority: 'low' },
  );
  return client;
}

interface Request {
  readonly headers: Record<string, string>;
  readonly body: unknown;
}

function isRequest(request: unknown): request is Request {
  return typeof request === 'object' && request !== null && 'headers' in request;
}

/** The driver does not sign content that it streams: we know the digest, so that damage on the way is seen. */
function signContent(headers: Request['headers']): void {
  const digest = headers['x-amz-checksum-sha256'];
  if (digest === undefined) return;
  headers['x-amz-content-sha256'] = Buffer.from(digest, 'base64').toString('hex');
}

/** A copy that is of the driver's own class, too. */
function withBody(request: Request, body: Readable): Request {
  return Object.assign(Object.create(Object.getPrototypeOf(request)), request, { body });
}

/** Options of a request that a signal ends. */
export function until(signal: AbortSignal | undefined): { readonly abortSignal?: AbortSignal } {
  return signal === undefined ? {} : { abortSignal: signal };
}
