import { EventBatch } from '../../core/event-batch.ts';
import type { RejectRecord } from '../../core/rejects.ts';
import { keptReject, type SegmentTally } from '../read/decode-segment.ts';
import type { DecoderRoom } from '../read/decoder-rooms.ts';
import type { RecordBuffer } from '../read/record-buffer.ts';
import type { PartBuilder } from './serial-parts.ts';

/**
 * Decodes what stands in a buffer into a part, as far as records are complete.
 *
 * @returns Where the next record begins.
 * @throws DaybookError `USAGE` - The bytes are not of the kind expected.
 */
export function decodeRecords(
  { decoder, batch }: DecoderRoom,
  { chunk }: RecordBuffer,
  { from, to }: { readonly from: number; readonly to: number },
  part: PartBuilder,
  tally: SegmentTally,
): number {
  const reject = rejectTo(chunk, tally);
  batch.clear();
  let at = from;
  for (let waits = false; at < to && !waits; ) {
    const next = decoder.decode(chunk, at, to, batch, reject);
    waits = next === at; // for the rest of a record
    at = next;
    if (batch.length < EventBatch.CAPACITY && at < to && !waits) continue;
    part.add(batch);
    batch.clear();
  }
  return at;
}

/** Takes rejects of a chunk down in a tally. */
export function rejectTo(chunk: RecordBuffer['chunk'], tally: SegmentTally): RejectRecord {
  return (reason, bytes, from, to) => {
    tally.rejected.set(reason, (tally.rejected.get(reason) ?? 0) + 1);
    tally.rejects.push(keptReject(chunk, reason, bytes, from, to));
  };
}
