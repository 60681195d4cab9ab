import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import { DaybookError, FAILURES } from '../core/errors.ts';

/** A field that is wrong, by its place in the request (RFC 6901). */
interface FieldProblem {
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

  /** @param message - For the caller. */
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** What a caller is told of an error: its message where it is for them, else nothing but that it is ours. */
export function problemOf(error: unknown): Problem {
  if (error instanceof RequestError) return problem(error.status, error.message);
  if (error instanceof DaybookError) return problem(FAILURES[error.code].status, error.message);
  if (hasZodFastifySchemaValidationErrors(error)) {
    const errors = error.validation.map(({ instancePath, message = 'is not valid' }) => ({
      pointer: `/${error.validationContext ?? 'body'}${instancePath}`,
      detail: message,
    }));
    return { ...problem(400, 'the request is not valid'), errors };
  }
  const { statusCode = 500, message } = error as FastifyError;
  if (statusCode >= 400 && statusCode < 500) return problem(statusCode, message);
  return problem(500);
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
