import type { PeerTotals } from '../aggregations/connections.ts';
import { byConnections, type ConnectionReport } from './connection-view.ts';

/** Every peer of the asked host, with the connections it made to the host and received from it. */
export const hosts: ConnectionReport = {
  columns: [
    { name: 'host', kind: 'text' },
    { name: 'inbound', kind: 'integer' },
    { name: 'outbound', kind: 'integer' },
  ],
  rows(result, { direction }) {
    const countOf = ({ inbound, outbound }: PeerTotals) =>
      (direction === 'out' ? 0 : inbound) + (direction === 'in' ? 0 : outbound);
    return [...result.peers()]
      .map((peer) => ({ ...peer, connections: countOf(peer) }))
      .filter(({ connections }) => connections > 0)
      .sort(byConnections)
      .map(({ name, inbound, outbound }) => [name, inbound, outbound]);
  },
};
