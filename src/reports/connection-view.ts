import type { ConnectionResult } from '../aggregations/connections.ts';
import type { Column, Row } from '../core/table.ts';

/** By which connections hosts are busy: those they made, those made to them, or both. */
export type BusyBy = 'sent' | 'received' | 'either';
/** Which peers to show: those that connected to the host, those it connected to, or both. */
export type Direction = 'in' | 'out' | 'both';

/** What a report on connections is to show. */
export interface ConnectionView {
  readonly direction: Direction;
  readonly by: BusyBy;
  /** How many hosts, and all that are as busy as the last of them. */
  readonly limit: number;
}

/** A report on connections: its columns, and its rows in their order. */
export interface ConnectionReport {
  readonly columns: readonly Column[];
  rows(result: ConnectionResult, view: ConnectionView): Row[];
}

/** A host and what it is ordered by. */
export interface Counted {
  readonly name: string;
  readonly connections: number;
}

/** Most connections first, then by name. */
export function byConnections(a: Counted, b: Counted): number {
  return b.connections - a.connections || (a.name < b.name ? -1 : 1);
}
