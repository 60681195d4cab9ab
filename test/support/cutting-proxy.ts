import { proxyTo } from './proxy.ts';

/** What goes wrong on the way to a server. */
export interface Faults {
  /** A connection is cut when so many bytes have gone to the server, */
  readonly afterBytes: number;
  /** but no more than so many connections are. */
  readonly times: number;
  /** Instead of the connection it is the answer that is cut off: the server has done what it was asked. */
  readonly answers?: boolean;
}

/** A way to a server on this machine on which connections break. */
export interface CuttingProxy extends AsyncDisposable {
  readonly endpoint: string;
  /** How many were cut. */
  readonly cuts: number;
}

/** Listens in front of a server on another port. */
export async function cuttingProxy(port: number, faults: Faults): Promise<CuttingProxy> {
  const { afterBytes, times, answers = false } = faults;
  let cuts = 0;
  const proxy = await proxyTo(port, (client, upstream) => {
    let sent = 0;
    const cut = () => {
      cuts++;
      client.resetAndDestroy();
    };
    client.on('data', (bytes: Buffer) => {
      const left = afterBytes - sent;
      sent += bytes.length;
      const isCut = !answers && sent > afterBytes && cuts < times;
      if (!upstream.write(isCut ? bytes.subarray(0, Math.max(left, 0)) : bytes)) client.pause();
      if (isCut) cut();
    });
    upstream.on('drain', () => client.resume());
    upstream.on('data', (bytes) => {
      if (answers && sent > afterBytes && cuts < times) cut();
      else client.write(bytes);
    });
  });
  return {
    endpoint: `http://127.0.0.1:${proxy.port}`,
    get cuts() {
      return cuts;
    },
    [Symbol.asyncDispose]: () => proxy[Symbol.asyncDispose](),
  };
}
