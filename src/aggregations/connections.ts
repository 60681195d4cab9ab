import type { Aggregation } from '../core/aggregation.ts';
import type { EventBatch } from '../core/event-batch.ts';
import { EVERYTHING, type TimeRange } from '../core/time-range.ts';
import { ConnectionState, type SavedConnections } from './connection-state.ts';

/** Which connections to count. */
export interface ConnectionOptions extends TimeRange {
  /** Whose peers to count. */
  readonly host?: string | undefined;
  /** Whether to count the connections of every host, or of the asked one only. */
  readonly everyHost: boolean;
  /** Of every host, count only the connections that it made. */
  readonly sentOnly?: boolean | undefined;
}

/** Connections of one host. */
export interface HostTotals {
  readonly name: string;
  /** Connections that it made, that were made to it, and of both those with itself. */
  readonly sent: number;
  readonly received: number;
  readonly itself: number;
}

/** Connections between the asked host and another, or itself. */
export interface PeerTotals {
  readonly name: string;
  /** Connections that the peer made to the asked host. */
  readonly inbound: number;
  /** Connections that the asked host made to the peer. */
  readonly outbound: number;
}

/** The finished connections of a log. */
export interface ConnectionResult {
  /** Records that are in the numbers below, and all others. */
  readonly counted: number;
  readonly filtered: number;
  /** Every host with a connection, in no stated order. */
  hosts(): Generator<HostTotals>;
  /** Every peer of the asked host, in no stated order. */
  peers(): Generator<PeerTotals>;
}

/**
 * Connections of each host, and for an asked host those with each of its peers. A connection of a host with
 * itself is both made and received by it, counted once in each.
 *
 * `merge` is commutative: the order of records does not matter.
 */
export function connections(
  options: ConnectionOptions = { ...EVERYTHING, everyHost: true },
): Aggregation<ConnectionState, ConnectionResult> {
  const host = options.host === undefined ? undefined : Buffer.from(options.host);
  const countOf = options.sentOnly ? countSent : countHosts;
  return {
    zero: () => new ConnectionState(),
    add(state, batch) {
      state.admit(batch, host);
      if (host !== undefined) countPeers(state, batch, options);
      if (options.everyHost) countOf(state, batch, options);
      state.events += batch.length + batch.others;
    },
    sift({ asked }, batch) {
      const { time, subject, object } = batch;
      const isOfAsked = (i: number) => subject[i] === asked || object[i] === asked;
      batch.keep(
        (i) =>
          time[i]! >= options.from && time[i]! < options.to && (options.everyHost || isOfAsked(i)),
      );
    },
    merge(earlier, later) {
      earlier.merge(later);
      return earlier;
    },
    finish: resultOf,
    save: (state) => state.save(),
    load: (saved) => ConnectionState.load(saved as SavedConnections),
  };
}

function countHosts(state: ConnectionState, batch: EventBatch, { from, to }: TimeRange): void {
  const { sent, received, itself } = state;
  const { time, subject, object, length } = batch;
  let counted = 0;
  for (let i = 0; i < length; i++) {
    const at = time[i]!;
    if (at < from || at >= to) continue;
    const source = subject[i]!;
    const target = object[i]!;
    sent[source]!++;
    received[target]!++;
    if (source === target) itself[source]!++;
    counted++;
  }
  state.counted += counted;
}

function countSent(state: ConnectionState, batch: EventBatch, { from, to }: TimeRange): void {
  const { sent } = state;
  const { time, subject, length } = batch;
  let counted = 0;
  for (let i = 0; i < length; i++) {
    const at = time[i]!;
    if (at < from || at >= to) continue;
    sent[subject[i]!]!++;
    counted++;
  }
  state.counted += counted;
}

function countPeers(state: ConnectionState, batch: EventBatch, options: ConnectionOptions): void {
  const { asked, inbound, outbound } = state;
  const { time, subject, object, length } = batch;
  for (let i = 0; i < length; i++) {
    const source = subject[i]!;
    const target = object[i]!;
    if (source !== asked && target !== asked) continue;
    if (time[i]! < options.from || time[i]! >= options.to) continue;
    if (target === asked) inbound[source]!++;
    if (source === asked) outbound[target]!++;
    if (!options.everyHost) state.counted++;
  }
}

function resultOf(state: ConnectionState): ConnectionResult {
  const { names, sent, received, itself, inbound, outbound, events, counted } = state;
  return {
    counted,
    filtered: events - counted,
    *hosts() {
      for (let id = 0; id < state.rows; id++) {
        if (sent[id] === 0 && received[id] === 0) continue;
        const name = names!.nameOf(id);
        yield { name, sent: sent[id]!, received: received[id]!, itself: itself[id]! };
      }
    },
    *peers() {
      for (let id = 0; id < state.rows; id++) {
        if (inbound[id] === 0 && outbound[id] === 0) continue;
        yield { name: names!.nameOf(id), inbound: inbound[id]!, outbound: outbound[id]! };
      }
    },
  };
}
