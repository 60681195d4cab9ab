import * as z from 'zod';
import type { Api, ServerContext } from '../api.ts';

/** Forgets a subject. */
export function erasure(api: Api, { events }: ServerContext): void {
  api.route({
    method: 'DELETE',
    url: '/api/v1/subjects/:subject',
    config: { scope: 'admin' },
    schema: {
      summary:
        'Erases the events and counts of a subject from all sources, and tells how many events.',
      params: z.strictObject({ subject: z.string().min(1) }),
      response: { 200: z.strictObject({ subject: z.string(), erased: z.int() }) },
    },
    handler: async ({ params: { subject } }) => ({
      subject,
      erased: await events.erase(subject),
    }),
  });
}
