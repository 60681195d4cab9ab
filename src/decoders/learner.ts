import type { EventBatch } from '../core/event-batch.ts';

/** Who knows names once they have stood in a line that was read by the book. */
export interface Learner {
  /** Forgets the names of other batches, whose ids are others. */
  knowNamesOf(batch: EventBatch): void;
  /** Makes the name known that stands in the bytes under way. */
  learn(from: number, to: number, id: number): void;
}
