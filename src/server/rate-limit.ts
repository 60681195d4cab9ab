import { fastifyRateLimit } from '@fastify/rate-limit';
import type { Api } from './api.ts';
import { RequestError } from './problem.ts';

/** Sends a key away that asks too often, or an address where no key is needed; for routes that are added then. */
export async function limitRate(api: Api, requestsPerMinute: number): Promise<void> {
  await api.register(fastifyRateLimit, {
    ...{ max: requestsPerMinute, timeWindow: '1 minute' },
    keyGenerator: ({ key, ip }) => key?.id ?? ip,
    // Who looks whether the service lives is always told.
    allowList: ({ routeOptions }) => routeOptions.config.scope === 'open',
    errorResponseBuilder: () =>
      new RequestError(429, `there may be ${requestsPerMinute} requests a minute; ask again later`),
  });
}
