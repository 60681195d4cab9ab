import { isUtf8 } from 'node:buffer';
import { type Chunk, type DecoderKind, MAX_RECORD_BYTES, TOO_LONG } from '../core/decoder.ts';
import { EventBatch } from '../core/event-batch.ts';
import { JsonEvent, type JsonEventOptions } from './json-event.ts';

const NEWLINE = 0x0a;
const RETURN = 0x0d;

/** A JSON object a line, a CloudEvent 1.0 or any other. Anything else is a reject with its reason. */
export const ndjson: DecoderKind<JsonEventOptions> = {
  summary: 'Events as JSON objects, one a line: CloudEvents 1.0, or any fields by name.',
  open: (options) => {
    const event = new JsonEvent(options);
    return {
      decode(chunk, from, to, batch, reject) {
        const { bytes } = chunk;
        let at = from;
        while (at < to && batch.length < EventBatch.CAPACITY) {
          const next = bytes.indexOf(NEWLINE, at) + 1;
          const end = next - 2 >= at && bytes[next - 2] === RETURN ? next - 2 : next - 1;
          const reason = readLine(chunk, at, end, batch, event);
          if (reason !== undefined) reject(reason, bytes, at, end);
          chunk.line++;
          at = next;
        }
        return at;
      },
    };
  },
};

/** Reads a line into the batch. Returns why it is no event, if so. */
function readLine(
  chunk: Chunk,
  from: number,
  to: number,
  batch: EventBatch,
  event: JsonEvent,
): string | undefined {
  if (to - from > MAX_RECORD_BYTES) return TOO_LONG;
  const line = Buffer.from(chunk.bytes.buffer, chunk.bytes.byteOffset + from, to - from);
  if (!isUtf8(line)) return 'encoding';
  const json = line.toString();
  if (/^[ \t\r]*$/.test(json)) {
    chunk.blank++;
    return undefined;
  }
  const { length } = batch;
  const reason = isObject(json) ? event.read(json, batch) : 'json';
  if (batch.length > length) {
    batch.position[length] = chunk.offset + from;
    batch.line[length] = chunk.line;
  }
  return reason;
}

function isObject(json: string): boolean {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
}
