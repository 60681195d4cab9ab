import type { RouteOptions } from 'fastify';
import type { Api } from './api.ts';
import { sendProblem } from './problem.ts';

/** Tells who asks where there is nothing so; and of a place that is there, how it may be asked. */
export function refuseOthers(api: Api): void {
  const places = new Map<string, { readonly pattern: RegExp; readonly methods: Set<string> }>();
  api.addHook('onRoute', ({ url, method }: RouteOptions) => {
    const pattern = new RegExp(`^${url.replaceAll('.', '[.]').replaceAll(/:[^/]+/g, '[^/]+')}$`);
    const place = places.get(url) ?? { pattern, methods: new Set() };
    places.set(url, place);
    for (const each of [method].flat()) place.methods.add(each);
  });
  api.setNotFoundHandler((request, reply) => {
    const [path = ''] = request.url.split('?');
    const place = places.values().find(({ pattern }) => pattern.test(path));
    if (!place)
      return sendProblem(request, reply, {
        ...{ status: 404, title: 'Not Found' },
        detail: 'there is no such place; /docs tells which there are',
      });
    const allowed = [...place.methods].sort().join(', ');
    void reply.header('Allow', allowed);
    return sendProblem(request, reply, {
      ...{ status: 405, title: 'Method Not Allowed' },
      detail: `this place takes ${allowed}`,
    });
  });
}
