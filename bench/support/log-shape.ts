/** What a log is to be like. */
export interface LogShape {
  readonly lines: number;
  /** How far behind its place a record may be, seconds. */
  readonly disorderSeconds: number;
  /** Over how many days events are spread, 30 unless given. */
  readonly days?: number;
}
