import type { RouteOptions } from 'fastify';
import * as z from 'zod';

const NOTHING = z.strictObject({});

/** Has a route that takes no query refuse one: who writes it thinks that it says something. */
export function refuseQuery(route: RouteOptions): void {
  const { schema } = route;
  if (schema && !schema.hide && schema.querystring === undefined) schema.querystring = NOTHING;
}
