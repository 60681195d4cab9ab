import { byConnections, type ConnectionReport } from './connection-view.ts';
import { top } from './top.ts';

/** Who connected to the asked host, to whom it connected, and the busiest hosts. */
export const traffic: ConnectionReport = {
  columns: [
    { name: 'section', kind: 'text' },
    { name: 'host', kind: 'text' },
    { name: 'connections', kind: 'integer' },
  ],
  rows(result, view) {
    const peers = [...result.peers()];
    const section = (name: 'inbound' | 'outbound') =>
      peers
        .map((peer) => ({ name: peer.name, connections: peer[name] }))
        .filter(({ connections }) => connections > 0)
        .sort(byConnections)
        .map((peer) => [name, peer.name, peer.connections]);
    const busiest = top.rows(result, view).map((row) => ['busiest', ...row]);
    return [...section('inbound'), ...section('outbound'), ...busiest];
  },
};
