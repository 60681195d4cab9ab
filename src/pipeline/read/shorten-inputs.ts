import { EventBatch } from '../../core/event-batch.ts';
import type { Job } from '../../core/job.ts';
import type { Input } from '../../core/source.ts';
import { type DecodeOptions, decodeSegment, SegmentTally, startOf } from './decode-segment.ts';
import { BLOCK_BYTES } from './range-end.ts';
import { BUFFER_BYTES } from './record-buffer.ts';

/**
 * Finds, by bisection, from where on plain files hold nothing for the range, and leaves that out.
 *
 * A log that is out of order by no more than is allowed passes the end of the range once: where two records in
 * a row are of `readUntil` or later, all behind them are of no interest.
 *
 * @param readUntil - End of the range plus the disorder that is allowed, ms since the epoch.
 * @throws DaybookError `SOURCE_UNREADABLE`
 */
export async function shortenInputs(
  inputs: readonly Input[],
  job: Job,
  readUntil: number,
): Promise<Input[]> {
  const shortened: Input[] = [];
  const buffer = job.decoder.room?.(BUFFER_BYTES) ?? new Uint8Array(BUFFER_BYTES);
  const batch = new EventBatch();
  for (const input of inputs) {
    const { splittable, sizeBytes = 0 } = input;
    if (!splittable || job.sequential || job.decoder.spansLines) {
      shortened.push(input);
      continue;
    }
    let end = sizeBytes;
    let least = 0;
    let most = Math.ceil(sizeBytes / BLOCK_BYTES); // the first block behind which to stop is in [least, most)
    let block = Math.max(0, most - 2); // the last that is whole: most ranges end behind it
    for (; least < most; block = Math.floor((least + most) / 2)) {
      const stop = await stopIn(block, input, job, { buffer, batch, readUntil });
      if (stop === undefined) least = block + 1;
      else {
        end = stop;
        most = block;
      }
    }
    shortened.push({ ...input, sizeBytes: end });
  }
  return shortened;
}

/** Where to stop behind a block, if the range is over in it. */
async function stopIn(
  block: number,
  input: Input,
  { decoder, sources }: Job,
  room: Pick<DecodeOptions, 'buffer' | 'batch' | 'readUntil'>,
): Promise<number | undefined> {
  const from = block * BLOCK_BYTES;
  const segment = { index: 0, rank: 0, input, from, to: from + BLOCK_BYTES };
  const reader = sources[input.source]!.open(input, startOf(segment));
  const tally = new SegmentTally();
  const options = { ...room, decoder, tally, keepRejects: false };
  try {
    for await (const _ of decodeSegment(segment, reader, options));
  } finally {
    reader.close();
  }
  return tally.stoppedAt;
}
