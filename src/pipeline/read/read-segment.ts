import type { EventBatch } from '../../core/event-batch.ts';
import type { Job } from '../../core/job.ts';
import type { ByteReader } from '../../core/source.ts';
import { type DecodeOptions, decodeSegment, startOf } from './decode-segment.ts';
import type { Segment } from './segment.ts';
import { storedSegment } from './stored-segment.ts';

/** What to take note of while a segment is read. */
export type ReadOptions = Omit<DecodeOptions, 'decoder' | 'onRead'> & {
  /** Gets what reads the input, to be closed where waiting is to end. */
  readonly onOpen?: ((reader: ByteReader) => void) | undefined;
  /** Gets how many bytes of the input were read so far. */
  readonly onRead?: ((bytes: number) => void) | undefined;
};

/**
 * The events of a segment, batch by batch: decoded, or out of a store.
 *
 * @throws DaybookError `SOURCE_UNREADABLE`, `STORE_UNUSABLE` or `INTERRUPTED`
 */
export async function* readSegment(
  segment: Segment,
  job: Job,
  options: ReadOptions,
): AsyncGenerator<EventBatch> {
  const { onOpen, onRead } = options;
  if (segment.input.stored !== undefined)
    return yield* storedSegment(segment, job.stored!, options);
  const reader = job.sources[segment.input.source]!.open(segment.input, startOf(segment));
  onOpen?.(reader);
  try {
    yield* decodeSegment(segment, reader, {
      ...options,
      decoder: job.decoder,
      onRead: () => onRead?.(reader.consumedBytes),
    });
  } finally {
    reader.close();
  }
}
