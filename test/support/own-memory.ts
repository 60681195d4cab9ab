import assert from 'node:assert/strict';
import type { DecoderKind } from '../../src/core/decoder.ts';
import { BUFFER_BYTES } from '../../src/pipeline/read/record-buffer.ts';

/** The same kind of decoder, reading in memory of its own, where it is faster. */
export function inOwnMemory<Options>(kind: DecoderKind<Options>): DecoderKind<Options> {
  return {
    ...kind,
    open(options) {
      const decoder = kind.open(options);
      const { room, ...others } = decoder;
      const memory = room!(BUFFER_BYTES);
      assert.ok(memory, 'there is room for it');
      return {
        ...others,
        decode(chunk, from, to, batch, reject) {
          if (chunk.bytes.length > memory.length) {
            return decoder.decode(chunk, from, to, batch, reject);
          }
          memory.set(chunk.bytes);
          const own = { ...chunk, bytes: memory };
          const next = decoder.decode(own, from, to, batch, (reason, _, begin, end) => {
            chunk.line = own.line;
            reject(reason, chunk.bytes, begin, end);
          });
          chunk.line = own.line;
          chunk.blank = own.blank;
          return next;
        },
      };
    },
  };
}
