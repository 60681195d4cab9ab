import type { Writable } from 'node:stream';
import type { Destination, Outlet } from '../core/destination.ts';
import { DaybookError, systemCode } from '../core/errors.ts';
import type { Piece } from '../core/writer.ts';

/** Standard output. Who stops reading early, such as `head`, has what they wanted: no error. */
export function stdout(stream: Writable = process.stdout): Destination {
  return {
    async write(pieces) {
      const outlet = stdoutOutlet(stream);
      try {
        for await (const piece of pieces) {
          await outlet.write(piece);
          if (outlet.isClosed) return;
        }
      } finally {
        await outlet.close();
      }
    },
  };
}

/**
 * Standard output, for one piece after the other. It may be closed by who reads it.
 *
 * @param sizeBytes - How much went there before, from an earlier run.
 */
export function stdoutOutlet(stream: Writable = process.stdout, sizeBytes = 0): Outlet<Piece> {
  let failure: Error | undefined;
  let size = sizeBytes;
  const fail = (error: Error) => {
    failure ??= error;
  };
  stream.on('error', fail);
  const check = () => {
    if (failure === undefined || systemCode(failure) === 'EPIPE') return;
    throw new DaybookError(
      'DESTINATION_UNWRITABLE',
      `cannot write to standard output: ${failure.message}`,
      { cause: failure },
    );
  };
  return {
    get sizeBytes() {
      return size;
    },
    get isClosed() {
      return failure !== undefined;
    },
    async write(piece) {
      const { promise, resolve } = Promise.withResolvers<void>();
      if (failure === undefined) {
        stream.write(piece, (error) => {
          if (error) fail(error);
          resolve();
        });
        await promise;
      }
      check();
      size += Buffer.byteLength(piece);
    },
    async sync() {},
    async close() {
      // After a failure the stream may yet tell of it once more.
      if (failure === undefined) stream.off('error', fail);
    },
  };
}
