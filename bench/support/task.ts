import { DAY_MS, DAY_START_MS, hostNames } from './connection-log.ts';
import type { LogKind } from './log-file.ts';

/** What contenders are to make of a log, and how each is told. */
export interface Task {
  /** The kind of log. */
  readonly log: LogKind;
  /** What daybook is told in front of the log. */
  readonly daybook: readonly string[];
  /** The name that the peers' programs in C, Python and for DuckDB share. */
  readonly peers: string;
  /** What these are told in front of the log. */
  readonly words: readonly string[];
  /** The contender that others are compared with; C runs only where it is that. */
  readonly baseline: 'C' | 'DuckDB';
  /** How far behind its place a record of the log may be, seconds. */
  readonly disorderSeconds: number;
  /** What awk is told, the program last. */
  readonly awk: readonly string[];
  /** What the C program is told to answer without reading every record. */
  readonly search?: readonly string[];
}

/** Fair billing. */
export const billing: Task = {
  log: 'sessions',
  daybook: ['bill'],
  peers: 'bill',
  baseline: 'C',
  disorderSeconds: 0,
  words: [],
  awk: ['-f', 'bill.awk'],
};

/** A host with a third of a percent of the records on either side. */
const HOST = hostNames()[10]!;
// All of the log has to be read, since it ends before five minutes after the range.
const FROM = `${DAY_START_MS + 3_600_000}`;
const THROUGH = `${DAY_START_MS + DAY_MS - 60_000}`;

/** The peers of a host, from an hour after the log begins until a minute before it ends. */
export const hosts: Task = {
  log: 'connections',
  daybook: ['hosts', '--host', HOST, '--from', FROM, '--through', THROUGH],
  peers: 'connections',
  baseline: 'C',
  disorderSeconds: 0,
  words: ['hosts', HOST, FROM, THROUGH],
  awk: ['-v', `host=${HOST}`, '-v', `from=${FROM}`, '-v', `through=${THROUGH}`, '-f', 'hosts.awk'],
  search: ['search', HOST, FROM, THROUGH],
};

/** All hosts by the connections they made. */
export const top: Task = {
  log: 'connections',
  daybook: ['top'],
  peers: 'connections',
  baseline: 'C',
  disorderSeconds: 0,
  words: ['top'],
  awk: ['-f', 'top.awk'],
};

/** The events of each customer in each hour. */
export const counts: Task = {
  log: 'events',
  daybook: ['counts'],
  peers: 'counts',
  baseline: 'DuckDB',
  disorderSeconds: 300,
  words: [],
  awk: ['-f', 'counts.awk'],
};
