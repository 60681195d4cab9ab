import type { MeterSettings } from '../config/meter-schema.ts';
import type { Stream } from '../core/store.ts';

/** Formats whose records are no events of customers. */
const OTHERS: ReadonlySet<string> = new Set(['session-log', 'connection-log']);

/** Whether subjects of a stream are no customers: hosts, that is. */
export function isOfHosts({ format }: Pick<Stream, 'format'>): boolean {
  return format === 'connection-log';
}

/** The streams that a meter is of: those of its source, or of all whose records are events, if these have types. */
export function eventStreams(
  streams: readonly Stream[],
  { source, eventType }: Partial<MeterSettings>,
): readonly Stream[] {
  return streams.filter(
    ({ name, format, fields }) =>
      (source === undefined ? !OTHERS.has(format) : name === source) &&
      (eventType === undefined || fields.includes('type')),
  );
}
