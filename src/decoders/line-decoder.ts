import type { Chunk, Decoder } from '../core/decoder.ts';
import { EventBatch } from '../core/event-batch.ts';
import type { RejectRecord } from '../core/rejects.ts';
import type { FieldLine } from './field-line.ts';
import type { KnownNames } from './known-names.ts';
import type { Learner } from './learner.ts';

/** Reads usual lines in memory of its own. */
interface Scan extends Learner {
  readonly buffer: Uint8Array<ArrayBuffer>;
  /** Reads lines up to one that is not usual. Returns where that begins. */
  read(chunk: Chunk, from: number, to: number, batch: EventBatch, reject: RejectRecord): number;
}

/** How the lines of a log are read: the usual ones fast, in one of two ways that do the same. */
interface LineReading {
  /** Opens the faster way, which has so much memory of its own. */
  readonly openScan: (bytes: number) => Scan;
  /** The other, for what stands elsewhere. */
  readonly readUsual: (
    chunk: Chunk,
    view: DataView,
    from: number,
    to: number,
    batch: EventBatch,
  ) => number;
  /** The names that the other way knows. */
  readonly known: KnownNames;
  /** Reads any other line. */
  readonly line: FieldLine;
}

/** Reads a log of one record a line. */
export function lineDecoder({ openScan, readUsual, known, line }: LineReading): Decoder {
  let scan: Scan | undefined;
  return {
    room(bytes) {
      try {
        scan ??= openScan(bytes);
      } catch {
        // No WebAssembly, or no room for its memory: the plain way does as well.
      }
      return scan?.buffer;
    },
    decode(chunk, from, to, batch, reject) {
      const fast = scan?.buffer === chunk.bytes ? scan : undefined;
      const learner = fast ?? known;
      learner.knowNamesOf(batch);
      const view = new DataView(chunk.bytes.buffer, chunk.bytes.byteOffset);
      let at = from;
      while (at < to && batch.length < EventBatch.CAPACITY) {
        at = fast ? fast.read(chunk, at, to, batch, reject) : readUsual(chunk, view, at, to, batch);
        if (at === to || batch.length === EventBatch.CAPACITY) break;
        const { length } = batch;
        at = line.decode(chunk, at, batch, reject);
        if (batch.length > length) line.teach(learner, batch, length);
      }
      return at;
    },
  };
}
