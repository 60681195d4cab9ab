import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Query } from 'mysql2';
import { takeRows } from '../../src/databases/mysql-rows.ts';

type Cells = readonly (string | null)[];

describe('rows of MySQL', () => {
  test('are read from packets whatever the length of their texts', () => {
    const lengths = fc.constantFrom(0, 1, 31, 32, 250, 251, 252, 65_535, 65_536);
    const long = lengths.map((length) => 'x'.repeat(length));
    const cell = fc.oneof(fc.constant(null), fc.string({ unit: 'binary' }), long);
    const row = fc.array(cell, { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(fc.array(row, { maxLength: 9 }), (rows) => {
        const [width = 0] = rows.map((cells) => cells.length);
        const expected = rows.filter((cells) => cells.length === width);
        assert.deepEqual(takenFrom(expected.map(packetOf)), expected);
      }),
      { numRuns: 200 },
    );
  });

  test('are read where a text takes more than a packet of the protocol', () => {
    const row = ['x'.repeat(2 ** 24 + 3), null, 'é'];
    assert.deepEqual(takenFrom([packetOf(row)]), [row]);
  });

  test('end as the driver has it', () => {
    const query = new FakeQuery();
    takeRows(query as unknown as Query, () => assert.fail('no row'));
    assert.equal(query.row(new FakePacket(Buffer.of(0xfe, 0, 0, 2, 0)), 'connection'), 'ended');
    assert.deepEqual(query.ended, ['connection']);
  });

  test('are taken of a driver, too, that reads them in another way', () => {
    const query = new FakeQuery();
    const taken: Cells[] = [];
    takeRows(query as unknown as Query, (cells) => taken.push([...cells]));
    query.emit('result', ['7', null]);
    assert.deepEqual(taken, [['7', null]]);
  });
});

function takenFrom(packets: readonly Buffer[]): Cells[] {
  const query = new FakeQuery();
  const taken: Cells[] = [];
  takeRows(query as unknown as Query, (cells) => taken.push([...cells]));
  for (const packet of packets)
    assert.equal(query.row(new FakePacket(packet), undefined), query.row);
  return taken;
}

/** As far as it is known how the driver asks for rows. */
class FakeQuery extends EventEmitter {
  readonly ended: unknown[] = [];

  row(_packet: FakePacket, connection: unknown): unknown {
    this.ended.push(connection);
    return 'ended';
  }
}

/** A packet in the middle of others. */
class FakePacket {
  readonly buffer: Buffer;
  readonly offset = 4;
  readonly end: number;

  constructor(body: Buffer) {
    this.buffer = Buffer.concat([Buffer.from('head'), body, Buffer.from('next')]);
    this.end = this.offset + body.length;
  }

  isEOF(): boolean {
    return this.buffer[this.offset] === 0xfe && this.end - this.offset < 9;
  }
}

function packetOf(cells: Cells): Buffer {
  return Buffer.concat(
    cells.flatMap((cell) => {
      if (cell === null) return [Buffer.of(0xfb)];
      const bytes = Buffer.from(cell);
      return [lengthOf(bytes.length), bytes];
    }),
  );
}

function lengthOf(length: number): Buffer {
  if (length < 251) return Buffer.of(length);
  const [mark, size] = length < 2 ** 16 ? [0xfc, 2] : length < 2 ** 24 ? [0xfd, 3] : [0xfe, 8];
  const bytes = Buffer.alloc(1 + size, 0);
  bytes[0] = mark;
  bytes.writeUIntLE(length, 1, Math.min(size, 6));
  return bytes;
}
