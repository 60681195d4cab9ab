import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { EventBatch } from '../core/event-batch.ts';
import type { EventField, EventList } from '../core/event-list.ts';
import type { TextColumn } from '../core/text-column.ts';
import { Damaged, Packer, Unpacker } from './packed.ts';

/** Events in a chunk: few enough to read one for the sake of a minute, enough to be worth compressing. */
export const CHUNK_EVENTS = 4096;

/** With a checksum: a byte that a disk has lost is to be told, not counted. */
const FASTEST = {
  params: { [constants.ZSTD_c_compressionLevel]: 1, [constants.ZSTD_c_checksumFlag]: 1 },
};
const packer = new Packer();

/** Packs events [from, to) of a list; names stay the numbers of the list. */
export function packChunk(
  { columns, ids, data, fields }: EventList,
  from: number,
  to: number,
): Uint8Array<ArrayBuffer> {
  packer.clear();
  packer.steps(columns.time, from, to);
  packer.steps(columns.position, from, to);
  packer.steps(columns.line, from, to);
  packer.numbers(columns.subject, from, to);
  for (const field of ['object', 'type', 'kind'] as const)
    if (fields.includes(field)) packer.numbers(columns[field], from, to);
  if (fields.includes('value')) {
    packer.longs(columns.value, from, to);
    packer.numbers(columns.scale, from, to);
  }
  if (fields.includes('id')) packTexts(ids, from, to);
  if (fields.includes('data')) packTexts(data, from, to);
  return zstdCompressSync(packer.bytes, FASTEST) as Uint8Array<ArrayBuffer>;
}

/**
 * Reads the events of a chunk into an empty batch; names are what `nameIds` says of the list's numbers.
 *
 * @throws Damaged
 */
export function unpackChunk(
  chunk: Uint8Array,
  count: number,
  fields: readonly EventField[],
  batch: EventBatch,
  nameIds: Uint32Array,
): void {
  const unpacker = new Unpacker(decompressed(chunk));
  unpacker.steps(batch.time, count);
  unpacker.steps(batch.position, count);
  unpacker.steps(batch.line, count);
  const named = (column: Uint32Array) => {
    unpacker.numbers(column, count);
    for (let i = 0; i < count; i++) column[i] = nameIds[column[i]!]!;
  };
  named(batch.subject);
  if (fields.includes('object')) named(batch.object);
  if (fields.includes('type')) named(batch.type);
  if (fields.includes('kind')) unpacker.numbers(batch.kind, count);
  if (fields.includes('value')) {
    unpacker.longs(batch.value, count);
    unpacker.numbers(batch.scale, count);
  }
  if (fields.includes('id')) unpackTexts(unpacker, count, batch.id);
  if (fields.includes('data')) unpackTexts(unpacker, count, batch.data);
  batch.length = count;
}

function packTexts(column: TextColumn, from: number, to: number): void {
  const lengths = new Float64Array(to - from);
  for (let i = from; i < to; i++) lengths[i - from] = column.lengthOf(i);
  packer.numbers(lengths, 0, lengths.length);
  packer.raw(column.bytesBetween(from, to));
}

function unpackTexts(unpacker: Unpacker, count: number, into: TextColumn): void {
  const ends = new Uint32Array(count);
  unpacker.numbers(ends, count); // their lengths
  for (let i = 1; i < count; i++) ends[i]! += ends[i - 1]!;
  into.appendAll(unpacker.raw(), ends);
}

function decompressed(chunk: Uint8Array): Uint8Array {
  try {
    return zstdDecompressSync(chunk);
  } catch (error) {
    throw new Damaged('a chunk of events cannot be read', { cause: error });
  }
}
