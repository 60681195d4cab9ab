import { proxyTo, type ServerProxy } from './proxy.ts';

/** Listens in front of a server on another port; answers come a few bytes at a time. */
export function tricklingProxy(port: number, pieceBytes: number): Promise<ServerProxy> {
  return proxyTo(port, (client, upstream) => {
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
}
