import type { Decoder } from '../../core/decoder.ts';
import { EventBatch } from '../../core/event-batch.ts';
import { type JobSpec, loadJob } from '../../core/job.ts';
import { BUFFER_BYTES } from './record-buffer.ts';

/** So many decoders are open at a time: each has a megabyte of its own. */
const MOST_ROOMS = 8;

/** Who decodes in a room, until somebody else does. */
export interface RoomOwner {
  /** Takes along what stands in the room. */
  leave(): void;
}

/** A decoder, and what it decodes in: inputs that are read alike take turns. */
export interface DecoderRoom {
  readonly decoder: Decoder;
  /** What the first record of an input means. */
  readonly fresh: unknown;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly batch: EventBatch;
  owner: RoomOwner | undefined;
}

/** The decoders of inputs that are read in one way or several, such as by the dates in their names. */
export class DecoderRooms {
  /** By what they were opened with, who was used longest ago first. */
  readonly #rooms = new Map<string, DecoderRoom>();

  /** @throws DaybookError - The job cannot be opened. */
  async of(spec: JobSpec): Promise<DecoderRoom> {
    const key = JSON.stringify(spec);
    const room = this.#rooms.get(key) ?? (await open(spec));
    this.#rooms.delete(key);
    this.#rooms.set(key, room);
    if (this.#rooms.size <= MOST_ROOMS) return room;
    const [oldest, { owner }] = this.#rooms.entries().next().value!;
    owner?.leave();
    this.#rooms.delete(oldest);
    return room;
  }
}

async function open(spec: JobSpec): Promise<DecoderRoom> {
  const { decoder } = await loadJob(spec);
  const bytes = decoder.room?.(BUFFER_BYTES) ?? new Uint8Array(BUFFER_BYTES);
  return { decoder, fresh: decoder.save?.(), bytes, batch: new EventBatch(), owner: undefined };
}
