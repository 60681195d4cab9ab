import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { type FastifyBaseLogger, type FastifyRequest, LogController } from 'fastify';
import { systemCode } from '../core/errors.ts';
import { failureFields, type Log } from '../core/log.ts';
import type { Api } from './api.ts';

/** An id that a proxy gave: nothing that could be taken for anything else. */
const GIVEN_ID = /^[\w.:-]{1,64}$/;

/** The id of a request: that of who passed it on, or one of our own. */
export function requestId({ headers }: Pick<IncomingMessage, 'headers'>): string {
  const given = headers['x-request-id'];
  return typeof given === 'string' && GIVEN_ID.test(given) ? given : randomUUID();
}

/**
 * Notes each request when it was answered, and tells its id. Routes are noted as they are written, and no headers or bodies:
 * so neither keys nor names of customers get into the log.
 */
export function logRequests(api: Api, log: Log): void {
  api.addHook('onRequest', ({ id }, reply, done) => {
    void reply.header('X-Request-Id', id);
    done();
  });
  api.addHook('onResponse', ({ id, method, routeOptions, key, ip }, reply, done) => {
    const { statusCode: status, elapsedTime } = reply;
    // Who looks each second whether the service lives is not news.
    const isLook = routeOptions.config.scope === 'open';
    const level = status >= 500 ? 'error' : isLook ? 'debug' : 'info';
    log[level]('request', {
      request: id,
      method,
      route: routeOptions.url ?? 'none',
      status,
      ms: Math.round(elapsedTime * 1000) / 1000,
      from: ip,
      key: key?.id,
    });
    done();
  });
}

/** Notes why a request failed where that is not the fault of who asked. */
export function logFailure(log: Log, { id }: Pick<FastifyRequest, 'id'>, error: unknown): void {
  log.error('request failed', { request: id, ...failureFields(error) });
}

/** Notes why an answer that had begun came to no end; of requests themselves `logRequests` does. */
export class AnswerLog extends LogController {
  readonly #log: Log;

  constructor(log: Log) {
    super({ disableRequestLogging: true });
    this.#log = log;
  }

  override streamError(error: Error, request: FastifyRequest): void {
    // Who hangs up does no harm.
    if (systemCode(error) !== 'ERR_STREAM_PREMATURE_CLOSE') logFailure(this.#log, request, error);
  }
}

/** What else Fastify has to say. */
export function serverLogger(log: Log): FastifyBaseLogger {
  const told = (level: 'error' | 'warn') => (fields: unknown, message?: string) => {
    const { err } = (typeof fields === 'object' && fields !== null ? fields : {}) as {
      readonly err?: unknown;
    };
    log[level]('server', {
      message: message ?? String(fields),
      ...(err ? failureFields(err) : {}),
    });
  };
  const ignore = () => {};
  const silent = { info: ignore, debug: ignore, trace: ignore, silent: ignore };
  const logger: FastifyBaseLogger = {
    ...{ level: 'warn', ...silent, fatal: told('error'), error: told('error'), warn: told('warn') },
    child: () => logger,
  };
  return logger;
}
