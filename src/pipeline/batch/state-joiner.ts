import type { Aggregation } from '../../core/aggregation.ts';

/** A stretch of neighbouring segments and their joined state. */
interface Stretch {
  first: number;
  last: number;
  state: unknown;
}

/**
 * Joins the states of stretches that come in any order: neighbours at once, whichever they are, since
 * joining is associative. So no more of them wait than there are lanes.
 */
export class StateJoiner {
  readonly #aggregation: Aggregation<unknown, unknown>;
  #stretches: Stretch[] = [];

  constructor(aggregation: Aggregation<unknown, unknown>) {
    this.#aggregation = aggregation;
  }

  /** Takes the state of the segments from `first` to `last`. */
  take(first: number, last: number, state: unknown): void {
    const { merge } = this.#aggregation;
    let joined: Stretch = { first, last, state };
    const others: Stretch[] = [];
    for (const stretch of this.#stretches) {
      if (stretch.last + 1 === joined.first) {
        joined = {
          first: stretch.first,
          last: joined.last,
          state: merge(stretch.state, joined.state),
        };
      } else if (joined.last + 1 === stretch.first) {
        joined = {
          first: joined.first,
          last: stretch.last,
          state: merge(joined.state, stretch.state),
        };
      } else others.push(stretch);
    }
    this.#stretches = [...others, joined];
  }

  /** The state of all segments. */
  joined(): unknown {
    const [stretch, ...others] = this.#stretches;
    if (others.length > 0) throw new Error('a segment is missing');
    return stretch?.state ?? this.#aggregation.zero();
  }
}
