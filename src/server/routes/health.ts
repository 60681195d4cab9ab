import type { Api, ServerContext } from '../api.ts';

/** Whether the process lives, and whether it can answer. */
export function health(api: Api, { store }: ServerContext): void {
  api.get('/healthz/live', { schema: { hide: true } }, async () => ({ status: 'ok' }));
  api.get('/healthz/ready', { schema: { hide: true } }, async () => {
    await store.streams();
    return { status: 'ok' };
  });
}
