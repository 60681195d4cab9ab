export {
  type ConnectionResult,
  connections,
  type HostTotals,
  type PeerTotals,
} from './aggregations/connections.ts';
export { type BucketCount, type CountResult, counts } from './aggregations/counts.ts';
export type { Basis, PairedSession } from './aggregations/paired-sessions.ts';
export { type SessionResult, type SessionTotals, sessions } from './aggregations/sessions.ts';
export type { Books } from './core/books.ts';
export type { Destination } from './core/destination.ts';
export { DaybookError, FAILURES } from './core/errors.ts';
export type { Reject, RejectSink } from './core/rejects.ts';
export type { Findings, Report } from './core/report.ts';
export type { Input } from './core/source.ts';
export type { Cell, Column, ColumnKind, Note, Parameter, Row, Table } from './core/table.ts';
export type { Window } from './core/windows.ts';
export type { Piece, WriteOptions, Writer } from './core/writer.ts';
export { destinations } from './destinations/index.ts';
export { type BillRequest, openBill } from './open/open-bill.ts';
export {
  type HostsRequest,
  openHosts,
  openTop,
  openTraffic,
  type TopRequest,
  type TrafficRequest,
} from './open/open-connections.ts';
export { type CountsRequest, openCounts } from './open/open-counts.ts';
export type { FollowRequest } from './open/open-follow.ts';
export type { RangeRequest } from './open/range-request.ts';
export type { WindowRequest } from './open/window-request.ts';
export { runReport } from './pipeline/batch/run-report.ts';
export type { ScanOptions } from './pipeline/batch/scan.ts';
export { type FollowReportOptions, followReport } from './pipeline/follow/follow-report.ts';
export type { WindowRows } from './pipeline/follow/window-run.ts';
export { writers } from './writers/index.ts';
