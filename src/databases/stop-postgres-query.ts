import { connect } from 'node:net';
import type { Client } from 'pg';
import { type DatabaseOptions, STOP_MS } from './options.ts';

/** https://www.postgresql.org/docs/current/protocol-message-formats.html#PROTOCOL-MESSAGE-FORMATS-CANCELREQUEST */
const CANCEL_REQUEST = 80_877_102;
const MESSAGE_BYTES = 16;

/**
 * Has the server leave off a query whose connection was closed in the middle of it, which it would else notice only at
 * its end. Settles when it was told, or cannot be told soon.
 */
export async function stopPostgresQuery(
  { host, port }: DatabaseOptions,
  client: Client,
): Promise<void> {
  // What the server has told the driver; its types do not know of it.
  const { processID, secretKey } = client as unknown as Partial<
    Record<'processID' | 'secretKey', number | null>
  >;
  if (typeof processID !== 'number' || typeof secretKey !== 'number') return;
  const message = Buffer.alloc(MESSAGE_BYTES);
  for (const [i, word] of [MESSAGE_BYTES, CANCEL_REQUEST, processID, secretKey].entries())
    message.writeInt32BE(word, 4 * i);
  // Never encrypted, since nothing is in it that would be of use to anybody else.
  const socket = connect(
    host.startsWith('/') ? { path: `${host}/.s.PGSQL.${port}` } : { host, port },
  );
  socket.on('error', () => {}).resume();
  socket.setTimeout(STOP_MS, () => socket.destroy());
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.end(message);
  await closed;
}
