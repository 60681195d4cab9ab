import type { Api } from './api.ts';

/** How often to look who has been answered. */
const LOOK_MS = 20;

/** Has a server that is told to close answer who waits, and then wait for nobody's next request. */
export function drain(api: Api): void {
  api.addHook('preClose', async () => {
    // Closing ends connections on which nothing is under way at that moment only; the others would live on for minutes.
    const looking = setInterval(() => api.server.closeIdleConnections(), LOOK_MS);
    api.server.once('close', () => clearInterval(looking));
  });
}
