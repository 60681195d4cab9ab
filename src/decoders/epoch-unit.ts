/** How a number becomes milliseconds: times one, divided by the other, and cut. */
export interface EpochUnit {
  readonly times: number;
  readonly per: number;
}

/** What numbers may count since the epoch. */
export const EPOCH_UNITS = {
  s: { times: 1000, per: 1 },
  ms: { times: 1, per: 1 },
  us: { times: 1, per: 1000 },
} as const satisfies Record<string, EpochUnit>;
