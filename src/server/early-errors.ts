import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { problemOf, RequestError, sendProblem } from './problem.ts';
import { SECURITY_HEADERS } from './security-headers.ts';

/** What Node.js says of requests that it cannot read, and the status of each; of others it is 400. */
const STATUSES = new Map([
  ['HPE_HEADER_OVERFLOW', 431],
  ['HPE_CHUNK_EXTENSIONS_OVERFLOW', 413],
  ['ERR_HTTP_REQUEST_TIMEOUT', 408],
]);

/** A connection, and the answer that is under way on it, as Node.js keeps it for the same purpose. */
type Answering = Socket & { readonly _httpMessage?: { readonly headersSent: boolean } | null };

/** Answers requests that no route gets to see: those with an address that is none, or of a client that speaks no HTTP. */
export const earlyErrors = {
  frameworkErrors(error: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
    void reply.header('X-Request-Id', request.id);
    void sendProblem(request, reply, problemOf(error));
  },
  clientErrorHandler(error: Error & { code?: string }, socket: Socket): void {
    if (error.code === 'ECONNRESET' || socket.destroyed) return;
    const status = STATUSES.get(error.code ?? '') ?? 400;
    const problem = problemOf(new RequestError(status, 'the request cannot be read'));
    const body = JSON.stringify({ type: 'about:blank', ...problem });
    const head = [
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
      'Content-Type: application/problem+json',
      `Content-Length: ${body.length}`,
      `Connection: close\r\n${SECURITY_HEADERS}`,
    ];
    // Half of another answer may be on its way: this one would be taken for its rest.
    const { _httpMessage: answering } = socket as Answering;
    if (socket.writable && !answering?.headersSent) socket.write(`${head.join('\r\n')}\r\n${body}`);
    socket.destroySoon();
  },
};
