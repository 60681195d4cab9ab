import type { Api } from './api.ts';
import { RequestError } from './problem.ts';

/** How often to look who has been answered. */
const LOOK_MS = 20;
const RETRY_SECONDS = '1';

/**
 * Has a server that is told to close answer who waits, send away who comes, and wait for nobody's next request.
 *
 * @param stopMs - How long whoever is answered may take to read that; then it is cut off.
 */
export function drain(api: Api, stopMs: number): void {
  let isClosing = false;
  api.addHook('preClose', async () => {
    isClosing = true;
    // Closing ends connections on which nothing is under way at that moment only; the others would live on for minutes.
    const looking = setInterval(() => api.server.closeIdleConnections(), LOOK_MS);
    const late = setTimeout(() => api.server.closeAllConnections(), stopMs);
    api.server.once('close', () => {
      clearInterval(looking);
      clearTimeout(late);
    });
  });
  api.addHook('onRequest', (_, reply, done) => {
    if (!isClosing) return done();
    void reply.header('Retry-After', RETRY_SECONDS);
    throw new RequestError(503, 'the service is stopping; ask again when it runs');
  });
}
