import type { HostTotals } from '../aggregations/connections.ts';
import { byConnections, type ConnectionReport, type Counted } from './connection-view.ts';

/** The busiest hosts. */
export const top: ConnectionReport = {
  columns: [
    { name: 'host', kind: 'text' },
    { name: 'connections', kind: 'integer' },
  ],
  rows(result, { by, limit }) {
    const countOf = ({ sent, received, itself }: HostTotals) =>
      by === 'sent' ? sent : by === 'received' ? received : sent + received - itself;
    const busy = [...result.hosts()]
      .map((host) => ({ name: host.name, connections: countOf(host) }))
      .filter(({ connections }) => connections > 0);
    return withTies(busy, limit).map(({ name, connections }) => [name, connections]);
  },
};

/** The first so many in order, and those that tie with the last of them. */
function withTies(hosts: readonly Counted[], limit: number): Counted[] {
  const counts = Float64Array.from(hosts, ({ connections }) => connections).sort();
  const least = counts[counts.length - limit] ?? 0;
  return hosts.filter(({ connections }) => connections >= least).sort(byConnections);
}
