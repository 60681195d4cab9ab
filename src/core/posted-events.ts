/** How the events of a body stand in it: one object, an array of them, either of both, or one a line. */
export type PostedForm = 'object' | 'array' | 'json' | 'lines';

/** A CloudEvent that was sent, as it is to be kept. */
export interface PostedEvent {
  /** Its JSON on one line, with its end. */
  readonly line: Uint8Array;
  /** Whole milliseconds since the epoch. */
  readonly time: number;
  /** Whether it told no time of its own: then it is that of arrival. */
  readonly isUntimed: boolean;
  readonly subject: string;
  readonly type: string;
  /** Its `source` and `id` together, as decoders have it. */
  readonly id: string;
  /** As it is written; empty where there is none. */
  readonly data: string;
}

/** What is wrong with what was sent, by its place in the body (RFC 6901). */
export interface PostedProblem {
  readonly pointer: string;
  readonly detail: string;
}

/** The events of a body. */
export interface PostedBody {
  /** In their order; undefined for one with which something is wrong. */
  readonly events: readonly (PostedEvent | undefined)[];
  readonly problems: readonly PostedProblem[];
  /** Where an event stands. */
  pointerOf(index: number): string;
}

/**
 * Reads the events of a body.
 *
 * @param arrived - Time of events that tell none, ms since the epoch.
 * @throws DaybookError `USAGE` - It cannot be read at all.
 */
export type ReadPosted = (bytes: Uint8Array, form: PostedForm, arrived: number) => PostedBody;
