import type { Writable } from 'node:stream';
import type { Destination } from '../core/destination.ts';
import { DaybookError, systemCode } from '../core/errors.ts';

/** Standard output. Who stops reading early, such as `head`, has what they wanted: no error. */
export function stdout(stream: Writable = process.stdout): Destination {
  return {
    async write(pieces) {
      let failure: Error | undefined;
      const fail = (error: Error) => {
        failure ??= error;
      };
      stream.on('error', fail);
      try {
        for await (const piece of pieces) {
          const { promise, resolve } = Promise.withResolvers<void>();
          stream.write(piece, (error) => {
            if (error) fail(error);
            resolve();
          });
          await promise;
          if (failure !== undefined) throw failure;
        }
      } catch (error) {
        if (failure === undefined || error !== failure) throw error;
        if (systemCode(error) === 'EPIPE') return;
        throw new DaybookError(
          'DESTINATION_UNWRITABLE',
          `cannot write to standard output: ${failure?.message}`,
          {
            cause: error,
          },
        );
      } finally {
        // After a failure the stream may yet tell of it once more.
        if (failure === undefined) stream.off('error', fail);
      }
    },
  };
}
