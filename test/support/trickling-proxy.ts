import { connect, createServer, type Socket } from 'node:net';

/** A way to a server on this machine on which answers come a few bytes at a time. */
export interface TricklingProxy extends AsyncDisposable {
  readonly port: number;
}

/** Listens in front of a server on another port. */
export async function tricklingProxy(port: number, pieceBytes: number): Promise<TricklingProxy> {
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
    client.setNoDelay().pipe(upstream);
    upstream.on('data', async (bytes: Buffer) => {
      upstream.pause();
      for (let at = 0; at < bytes.length; at += pieceBytes) {
        client.write(bytes.subarray(at, at + pieceBytes));
        await new Promise(setImmediate);
      }
      upstream.resume();
    });
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
