import { fastify } from 'fastify';
import { serializerCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import { SILENT } from '../core/log.ts';
import { guard } from './access.ts';
import { describeProblems } from './answers.ts';
import type { Api, ServerContext } from './api.ts';
import { describeApi } from './describe-api.ts';
import { type ApiDocument, docsPage } from './docs-page.ts';
import { drain } from './drain.ts';
import { earlyErrors } from './early-errors.ts';
import { AnswerLog, logFailure, logRequests, requestId, serverLogger } from './log-requests.ts';
import { measure } from './metrics.ts';
import { refuseOthers } from './places.ts';
import { problemOf, sendProblem } from './problem.ts';
import { limitRate } from './rate-limit.ts';
import { routes } from './routes/index.ts';
import { SecureResponse } from './security-headers.ts';
import { sendTogether } from './send-together.ts';
import { refuseQuery } from './strict-query.ts';
import { validator } from './validate.ts';

/** How much a server takes. */
export interface ServerLimits {
  /** Bytes of a body, unpacked. */
  readonly bodyBytes: number;
  /** How long a request may take to arrive, ms. */
  readonly requestMs: number;
  /** How long answers that are under way may take when the server is told to close, ms. */
  readonly stopMs: number;
  /** Of a key, or of an address where there are no keys; any number unless given. */
  readonly requestsPerMinute?: number | undefined;
}

const LIMITS: ServerLimits = { bodyBytes: 16 << 20, requestMs: 60_000, stopMs: 30_000 };

/** How often to look who is too slow at most, as Node.js does. */
const CHECK_MS = 30_000;

/**
 * Makes the HTTP service, not yet listening.
 *
 * @param version - Of Daybook.
 */
export async function openServer(
  context: ServerContext,
  version: string,
  given: Partial<ServerLimits> = {},
): Promise<Api> {
  const limits = { ...LIMITS, ...given };
  const { log = SILENT } = context;
  const api: Api = fastify({
    bodyLimit: limits.bodyBytes,
    requestTimeout: limits.requestMs,
    routerOptions: { maxParamLength: 4096 },
    return503OnClosing: false, // `drain` does, in the words of all other answers
    http: {
      ServerResponse: SecureResponse,
      // Set later on, a limit for all of a request would be taken for that of its head.
      requestTimeout: limits.requestMs,
      headersTimeout: limits.requestMs,
      connectionsCheckingInterval: Math.min(limits.requestMs, CHECK_MS),
    },
    logController: new AnswerLog(log),
    loggerInstance: serverLogger(log),
    genReqId: requestId,
    ...earlyErrors,
  }).withTypeProvider<ZodTypeProvider>();
  sendTogether(api, log);
  logRequests(api, log);
  drain(api, limits.stopMs);
  guard(api, context.keys, context.now);
  api.setErrorHandler((error, request, reply) => {
    const problem = problemOf(error, { request, path: context.path });
    if (problem.status >= 500) logFailure(log, request, error);
    return sendProblem(request, reply, problem);
  });
  refuseOthers(api);
  await describeApi(api, version);
  const { requestsPerMinute } = limits;
  if (requestsPerMinute !== undefined) await limitRate(api, requestsPerMinute);
  measure(api, context);
  await api.register(async (scope) => {
    scope.setValidatorCompiler(validator);
    scope.setSerializerCompiler(serializerCompiler);
    scope.addHook('onRoute', refuseQuery);
    const part = scope.withTypeProvider<ZodTypeProvider>();
    describeProblems(part);
    for (const add of Object.values(routes)) add(part, context);
  });
  api.get('/openapi.json', { schema: { hide: true }, config: { scope: 'open' } }, async () =>
    api.swagger(),
  );
  let page: string | undefined;
  api.get('/docs', { schema: { hide: true }, config: { scope: 'open' } }, async (_, reply) => {
    page ??= docsPage(api.swagger() as ApiDocument);
    return reply.type('text/html; charset=utf-8').send(page);
  });
  await api.ready();
  return api;
}
