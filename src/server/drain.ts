import type { Socket } from 'node:net';
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
  spareReaders(api);
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

/** Has no connection taken for an idle one on which an answer was made, but not read to its end, as Node.js takes them. */
function spareReaders({ server }: Api): void {
  const connections = new Set<Socket>();
  server.on('connection', (connection: Socket) => {
    connections.add(connection);
    connection.once('close', () => connections.delete(connection));
  });
  const closeIdle = server.closeIdleConnections.bind(server);
  // Closing calls it by itself, too. The others can be closed as well when all is read.
  server.closeIdleConnections = () => {
    if (connections.values().every(({ writableLength }) => writableLength === 0)) closeIdle();
  };
}
