import type { ConnectionResult } from '../aggregations/connections.ts';
import type { EventStream } from '../core/report.ts';
import type { Input } from '../core/source.ts';
import type { Column, Row } from '../core/table.ts';
import type { Direction } from './connection-view.ts';
import { PLACE_COLUMNS, placeOf } from './event-place.ts';

/** The columns of a host's peers told connection by connection. */
export const explainedHostColumns: readonly Column[] = [
  { name: 'host', kind: 'text' },
  { name: 'direction', kind: 'text' },
  { name: 'time', kind: 'instant' },
  ...PLACE_COLUMNS,
];

/**
 * Every connection of a host with a peer, as the counts of hosts have it: one of the host with itself is inbound and
 * outbound. At the end they are checked against the counts: a difference is a bug.
 */
export async function* explainedHosts(
  result: ConnectionResult,
  events: EventStream,
  { host, direction, inputs }: { host: string; direction: Direction; inputs: readonly Input[] },
): AsyncGenerator<Row[]> {
  const told = { inbound: 0, outbound: 0 };
  for await (const batch of events) {
    const { names, time, subject, object } = batch;
    const rows: Row[] = [];
    for (let i = 0; i < batch.length; i++) {
      const [source, target] = [names.nameOf(subject[i]!), names.nameOf(object[i]!)];
      const tell = (peer: string, way: keyof typeof told) => {
        told[way]++;
        rows.push([peer, way, time[i]!, ...placeOf(batch, i, inputs)]);
      };
      if (target === host && direction !== 'out') tell(source, 'inbound');
      if (source === host && direction !== 'in') tell(target, 'outbound');
    }
    yield rows;
  }
  for (const way of ['inbound', 'outbound'] as const) {
    const counted = result.peers().reduce((sum, peer) => sum + peer[way], 0);
    if (told[way] !== counted && direction !== (way === 'inbound' ? 'out' : 'in'))
      throw new Error(`the explanation does not add up: ${told[way]} ${way}, counted ${counted}`);
  }
}
