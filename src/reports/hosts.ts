import type { PeerTotals } from '../aggregations/connections.ts';
import { byConnections, type ConnectionReport, type Counted } from './connection-view.ts';

/** Every peer of the asked host, with the connections it made to the host and received from it. */
export const hosts: ConnectionReport = {
  columns: [
    { name: 'host', kind: 'text' },
    { name: 'inbound', kind: 'integer' },
    { name: 'outbound', kind: 'integer' },
  ],
  rows(result, { direction }) {
    const peers: (PeerTotals & Counted)[] = [];
    for (const { name, inbound, outbound } of result.peers()) {
      const connections = (direction === 'out' ? 0 : inbound) + (direction === 'in' ? 0 : outbound);
      if (connections > 0) peers.push({ name, inbound, outbound, connections });
    }
    return peers
      .sort(byConnections)
      .map(({ name, inbound, outbound }) => [name, inbound, outbound]);
  },
};
