import type { Api, ServerContext } from '../api.ts';

const OPEN = { schema: { hide: true }, config: { scope: 'open' } } as const;

/** Whether the process lives, and whether it can answer. */
export function health(api: Api, { store }: ServerContext): void {
  api.get('/healthz/live', OPEN, async () => ({ status: 'ok' }));
  api.get('/healthz/ready', OPEN, async () => {
    await store.streams();
    return { status: 'ok' };
  });
}
