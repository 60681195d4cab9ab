import { isIPv6 } from 'node:net';
import { DaybookError, systemCode } from '../core/errors.ts';
import type { Api } from './api.ts';

/**
 * Has a server listen.
 *
 * @returns Where it does, as it is: `http://0.0.0.0:8000` is all of this machine.
 * @throws DaybookError `ADDRESS_UNUSABLE`
 */
export async function listen(
  server: Api,
  { host, port }: { readonly host: string; readonly port: number },
): Promise<string> {
  try {
    await server.listen({ host, port });
  } catch (cause) {
    if (systemCode(cause) === undefined) throw cause;
    const reason = systemCode(cause) === 'EADDRINUSE' ? 'it is taken' : (cause as Error).message;
    const message = `cannot listen at ${placeOf(host, port)}: ${reason}; --host and --port name another`;
    throw new DaybookError('ADDRESS_UNUSABLE', message, { cause });
  }
  const places = server.addresses().filter((place) => typeof place !== 'string');
  return places.map(({ address, port: its }) => `http://${placeOf(address, its)}`).join(' and ');
}

function placeOf(host: string, port: number): string {
  return `${isIPv6(host) ? `[${host}]` : host}:${port}`;
}
