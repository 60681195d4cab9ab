import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { DaybookError, FAILURES } from '../core/errors.ts';

/** A field that is wrong, by its place in the request (RFC 6901). */
export interface FieldProblem {
  readonly pointer: string;
  readonly detail: string;
}

/** What went wrong with a request, as RFC 9457 has it. */
export interface Problem {
  readonly status: number;
  readonly title: string;
  readonly detail?: string | undefined;
  readonly errors?: readonly FieldProblem[] | undefined;
  /** Of events that were sent: how many are kept now, and how many of them were not before. */
  readonly accepted?: number;
  readonly counted?: number;
  readonly outcomes?: readonly string[] | undefined;
}

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  406: 'Not Acceptable',
  408: 'Request Timeout',
  409: 'Conflict',
  410: 'Gone',
  413: 'Content Too Large',
  414: 'URI Too Long',
  415: 'Unsupported Media Type',
  421: 'Misdirected Request',
  422: 'Unprocessable Content',
  429: 'Too Many Requests',
  431: 'Request Header Fields Too Large',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  507: 'Insufficient Storage',
};

/** Fails a request with a status of its own. */
export class RequestError extends Error {
  readonly status: number;
  readonly errors: readonly FieldProblem[] | undefined;

  /**
   * @param message - For the caller.
   * @param errors - Which fields are wrong, where that is known.
   */
  constructor(status: number, message: string, errors?: readonly FieldProblem[]) {
    super(message);
    this.status = status;
    this.errors = errors;
  }
}

/** Fails a request since a field of its query is wrong. */
export function queryProblem(field: string, detail: string): RequestError {
  return new RequestError(400, detail, [{ pointer: pointerOf(['querystring', field]), detail }]);
}

/** Where an error came up. */
interface ErrorPlace {
  readonly request: Pick<FastifyRequest, 'body'>;
  /** File of the store, which is not told. */
  readonly path: string;
}

/** What a caller is told of an error: its message where it is for them, else nothing but that it is ours. */
export function problemOf(error: unknown, place?: ErrorPlace): Problem {
  if (error instanceof RequestError)
    return { ...problem(error.status, error.message), errors: error.errors };
  if (error instanceof DaybookError) {
    const detail = inHttp(error.message, place?.path);
    const pointer = place && error.field && pointerOf([partOf(place, error.field), error.field]);
    return {
      ...problem(FAILURES[error.code].status, detail),
      errors: pointer ? [{ pointer, detail }] : undefined,
    };
  }
  const { statusCode = 500, message } = error as FastifyError;
  if (statusCode === 415) return problem(415, 'the body is to be of type application/json');
  if (statusCode >= 400 && statusCode < 500) return problem(statusCode, message);
  return problem(500);
}

/** A message in the words of HTTP, which has fields and no options. */
export function inHttp(message: string, path?: string): string {
  const said = message
    .replaceAll(/(?<=\s)--tz\b/g, 'the zone')
    .replaceAll(/(?<=\s)--(?=[a-z])/g, '');
  return path === undefined ? said : said.replaceAll(path, 'the store');
}

/** In which part of a request a field stands. */
function partOf({ request: { body } }: ErrorPlace, field: string): string {
  return typeof body === 'object' && body !== null && Object.hasOwn(body, field)
    ? 'body'
    : 'querystring';
}

/**
 * A place in a request.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6901#section-3
 */
export function pointerOf(path: readonly PropertyKey[]): string {
  const escaped = (name: PropertyKey) => String(name).replaceAll('~', '~0').replaceAll('/', '~1');
  return path.map((name) => `/${escaped(name)}`).join('');
}

/** Answers with a problem. */
export function sendProblem(
  request: FastifyRequest,
  reply: FastifyReply,
  found: Problem,
): FastifyReply {
  const body = { type: 'about:blank', ...found, instance: request.url.split('?')[0] };
  return reply
    .status(found.status)
    .type('application/problem+json')
    .serializer(JSON.stringify)
    .send(body);
}

function problem(status: number, detail?: string): Problem {
  return {
    status,
    title: TITLES[status] ?? (status < 500 ? 'Bad Request' : 'Internal Server Error'),
    detail,
  };
}
