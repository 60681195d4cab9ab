/** A half-open range of instants, ms since the epoch; infinite where there is no edge. */
export interface TimeRange {
  /** Inclusive. */
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
}

export const EVERYTHING: TimeRange = {
  from: Number.NEGATIVE_INFINITY,
  to: Number.POSITIVE_INFINITY,
};
