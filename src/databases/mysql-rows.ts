import type { Query } from 'mysql2';
import type { SqlRow } from './dialect.ts';
import { ShortTexts } from './short-texts.ts';

/** A packet as the driver has it; there is one of them, whose place in the bytes of a socket changes. */
interface Packet {
  readonly buffer: Buffer;
  readonly offset: number;
  readonly end: number;
  isEOF(): boolean;
}

/** A state of the driver's: it takes a packet and tells the next one. */
type State = (packet: Packet, connection: unknown) => unknown;

const NULL = 0xfb;

/**
 * Hands over the rows of a query that was just begun. They are read of the driver's packets as they stand, since what the
 * driver makes of each takes most of a report's time.
 *
 * @param take - Is to look at the row at once: the next one comes in the same array.
 */
export function takeRows(query: Query, take: (row: SqlRow) => void): void {
  const reading = query as unknown as { row: State };
  const driverRow = reading.row;
  const row: (string | null)[] = [];
  const texts: ShortTexts[] = [];
  const next: State = (packet, connection) => {
    if (packet.isEOF()) return driverRow.call(query, packet, connection);
    readRow(packet, row, texts);
    take(row);
    return next;
  };
  reading.row = next;
  // Of a driver that would not ask for it.
  query.on('result', take);
}

/** Texts by their lengths: https://mariadb.com/docs/server/reference/clientserver-protocol/4-server-response-packets/resultset-row */
function readRow(
  { buffer, offset, end }: Packet,
  row: (string | null)[],
  texts: ShortTexts[],
): void {
  let column = 0;
  for (let at = offset; at < end; column++) {
    const size = buffer[at++]!;
    if (size === NULL) {
      row[column] = null;
      continue;
    }
    let length = size;
    if (size > NULL) {
      const bytes = size === 0xfc ? 2 : size === 0xfd ? 3 : 6;
      length = buffer.readUIntLE(at, bytes);
      at += size === 0xfe ? 8 : bytes;
    }
    texts[column] ??= new ShortTexts();
    row[column] = texts[column]!.textOf(buffer, at, at + length);
    at += length;
  }
}
