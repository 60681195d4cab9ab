import type { Stream } from '../core/store.ts';

/** Formats whose records are no events of customers. */
const OTHERS: ReadonlySet<string> = new Set(['session-log', 'connection-log']);

/** The streams of a source, or of all whose records are events. */
export function eventStreams(
  streams: readonly Stream[],
  source: string | undefined,
): readonly Stream[] {
  return streams.filter(({ name, format }) =>
    source === undefined ? !OTHERS.has(format) : name === source,
  );
}
