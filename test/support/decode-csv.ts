import assert from 'node:assert/strict';
import type { Decoder } from '../../src/core/decoder.ts';
import { Dictionary } from '../../src/core/dictionary.ts';
import { EventBatch } from '../../src/core/event-batch.ts';
import type { ByteReader, Input } from '../../src/core/source.ts';
import { type CsvOptions, csv } from '../../src/decoders/csv.ts';
import { decodeSegment, SegmentTally, startOf } from '../../src/pipeline/read/decode-segment.ts';
import { BUFFER_BYTES } from '../../src/pipeline/read/record-buffer.ts';
import { type CsvEvent, type CsvFound, shownValue } from './reference-csv.ts';

/** How CSV is read unless a test asks for something else: four columns, no header. */
export const USUAL: CsvOptions = {
  columns: { subject: 1, type: 2, id: 3, time: 4 },
  header: 'none',
  timeUnit: 'ms',
};

const input: Input = {
  name: 'events.csv',
  source: 'fake',
  encoding: 'plain',
  splittable: true,
  replayable: true,
};

/** How CSV is handed to the decoder. */
export interface CsvHanding {
  /** Bytes that are read at a time. */
  readonly pieceBytes?: number;
  /** Where the input is cut into segments. */
  readonly cuts?: readonly number[];
  readonly keepRejects?: boolean;
  /** Whether it is read in the decoder's own memory, if it has any. */
  readonly ownMemory?: boolean;
}

/** Decodes CSV as the pipeline does. `torn` says whether a record was cut in two: then all else is of no worth. */
export async function decodeCsv(
  bytes: Uint8Array,
  options: CsvOptions,
  handing: CsvHanding = {},
): Promise<CsvFound & { torn: boolean }> {
  const { pieceBytes = 1 << 16, cuts = [], keepRejects = true, ownMemory = false } = handing;
  const { decoder, room } = opened(options);
  const buffer = ownMemory ? room : plainBuffer;
  const batch = new EventBatch();
  batch.names = new Dictionary();
  const tally = new SegmentTally();
  const events: CsvEvent[] = [];
  const rejects: CsvFound['rejects'] = [];
  for (const [i, to] of [...cuts, Number.POSITIVE_INFINITY].entries()) {
    const from = cuts[i - 1] ?? 0;
    const segment = { index: i, rank: 0, input, from, to };
    const head = from > 0 ? decoder.head?.(bytes) : undefined;
    const reader = readerOf(bytes, startOf(segment), pieceBytes);
    const decoding = { decoder, buffer, batch, tally, keepRejects, head };
    for await (const { length } of decodeSegment(segment, reader, decoding)) {
      for (let event = 0; event < length; event++) events.push(eventAt(batch, event, options));
      for (const { reason, line, offset } of tally.rejects.splice(0))
        rejects.push({ reason, line, offset });
    }
  }
  const { lines, blank, torn } = tally;
  return { events, rejects, lines, blank, torn };
}

/** What one event of a batch says of the columns that are read. */
export function eventAt(batch: EventBatch, i: number, { columns }: CsvOptions): CsvEvent {
  return {
    subject: batch.names.nameOf(batch.subject[i]!),
    time: batch.time[i]!,
    ...(columns.type !== undefined && { type: batch.names.nameOf(batch.type[i]!) }),
    ...(columns.id !== undefined && { id: Buffer.from(batch.id.bytesOf(i)).toString() }),
    ...(columns.value !== undefined && { value: shownValue(batch.value[i]!, batch.scale[i]!) }),
    line: batch.line[i]!,
    position: batch.position[i]!,
  };
}

const plainBuffer = new Uint8Array(BUFFER_BYTES);
const openedBefore = new Map<string, { decoder: Decoder; room: Uint8Array<ArrayBuffer> }>();

/** A decoder and its own memory, the same for the same options: opening one takes long. */
function opened(options: CsvOptions) {
  const key = JSON.stringify(options);
  const before = openedBefore.get(key);
  if (before !== undefined) return before;
  const decoder = csv.open(options);
  const room = decoder.room?.(BUFFER_BYTES);
  assert.ok(room, 'there is room for it');
  openedBefore.set(key, { decoder, room });
  return { decoder, room };
}

function readerOf(bytes: Uint8Array, from: number, pieceBytes: number): ByteReader {
  let at = from;
  return {
    read(into) {
      const piece = bytes.subarray(at, at + Math.min(pieceBytes, into.length));
      into.set(piece);
      at += piece.length;
      return piece.length;
    },
    get consumedBytes() {
      return at - from;
    },
    close() {},
  };
}
