import { connect, createServer, type Socket } from 'node:net';

/** A way to a server on this machine, at a port of its own. */
export interface ServerProxy extends AsyncDisposable {
  readonly port: number;
}

/**
 * Listens in front of a server on another port.
 *
 * @param wire - Has bytes go from a client to its server, and back.
 */
export async function proxyTo(
  port: number,
  wire: (client: Socket, upstream: Socket) => void,
): Promise<ServerProxy> {
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(port, '127.0.0.1');
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket
        .on('error', () => {})
        .on('close', () => {
          sockets.delete(socket);
          client.destroy();
          upstream.destroy();
        });
    }
    wire(client, upstream);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (typeof address !== 'object' || !address) throw new Error('no port');
  return {
    port: address.port,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
