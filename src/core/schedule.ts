/** When something is due; instants are ms since the epoch. */
export interface Schedule {
  /** The first instant behind one, if there is another. */
  next(after: number): number | undefined;
  /** The last instant up to one, itself included, if there was one. */
  latest(until: number): number | undefined;
}

/** What tells the time, and waits. */
export interface Clock {
  /** ms since the epoch. */
  now(): number;
  /** @throws DaybookError `INTERRUPTED` */
  sleep(ms: number, signal: AbortSignal | undefined): Promise<void>;
}
