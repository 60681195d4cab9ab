import type { Readable, Transform } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { RequestError } from './problem.ts';

/** Counts the bytes that are held by requests. */
export interface BodyRoom {
  hold(bytes: number): boolean;
  release(bytes: number): void;
}

/** A body that was sent, and the bytes that are held for it until it is disposed of. */
export interface ReceivedBody extends Disposable {
  readonly bytes: Uint8Array;
}

/**
 * Reads a body, unpacked.
 *
 * @param encoding - `gzip`, or `identity` where it is not packed.
 * @throws RequestError 400, 413, 415 or 503
 */
export async function readBody(
  request: Readable,
  encoding: string,
  limitBytes: number,
  room: BodyRoom,
): Promise<ReceivedBody> {
  if (encoding !== 'gzip' && encoding !== 'identity')
    throw new RequestError(415, `bodies are plain or gzip, not ${encoding}`);
  const unpacked = encoding === 'gzip' ? gunzipped(request) : request;
  const chunks: Uint8Array[] = [];
  let size = 0;
  const dispose = () => room.release(size);
  try {
    // Who is refused is to be told: so the connection stays.
    for await (const chunk of unpacked.iterator({ destroyOnReturn: unpacked !== request })) {
      const bytes = chunk as Uint8Array;
      if (size + bytes.length > limitBytes)
        throw new RequestError(413, `the body is longer than ${limitBytes} bytes`);
      if (!room.hold(bytes.length))
        throw new RequestError(503, 'more is being sent than can be kept; send it again later');
      size += bytes.length;
      chunks.push(bytes);
    }
  } catch (error) {
    dispose();
    if (error instanceof RequestError) throw error;
    throw new RequestError(400, `the body cannot be read: ${(error as Error).message}`);
  }
  return { bytes: Buffer.concat(chunks), [Symbol.dispose]: dispose };
}

/** What is packed in a stream, which is left open when this ends before it. */
function gunzipped(request: Readable): Transform {
  const gunzip: Transform = createGunzip();
  const cut = () => gunzip.destroy(new Error('the connection was lost'));
  request.once('error', cut).once('aborted', cut);
  gunzip.once('close', () => {
    request.off('error', cut).off('aborted', cut).unpipe(gunzip);
  });
  return request.pipe(gunzip);
}
