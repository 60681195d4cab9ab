import { collectDefaultMetrics, Histogram, Registry } from 'prom-client';
import type { Api, ServerContext } from './api.ts';
import { measureSources } from './source-metrics.ts';

/** From a millisecond to half a minute. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** Measures every request, and tells it at `/metrics` with what is known of sources and the process, as Prometheus reads it. */
export function measure(api: Api, context: ServerContext): void {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const measureStore = measureSources(registry, context);
  const durations = new Histogram({
    name: 'daybook_http_request_duration_seconds',
    help: 'How long requests took.',
    // Routes as they are written: what stands in a path may be the name of a customer.
    labelNames: ['method', 'route', 'status'],
    buckets: BUCKETS,
    registers: [registry],
  });
  api.addHook('onResponse', ({ method, routeOptions }, { statusCode, elapsedTime }, done) => {
    const route = routeOptions.url ?? 'none';
    durations.observe({ method, route, status: statusCode }, elapsedTime / 1000);
    done();
  });
  api.get('/metrics', { schema: { hide: true }, config: { scope: 'read' } }, async (_, reply) => {
    await measureStore();
    void reply.type(registry.contentType);
    return Registry.merge([registry, ...(context.registries ?? [])]).metrics();
  });
}
