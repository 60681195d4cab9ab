import type { DecoderKind } from '../core/decoder.ts';

/** The kinds of decoder by name, each loaded when it is asked for: a log is read by one of them. */
export const decoders = {
  'connection-log': async () => (await import('./connection-log.ts')).connectionLog,
  csv: async () => (await import('./csv.ts')).csv,
  ndjson: async () => (await import('./ndjson.ts')).ndjson,
  'session-log': async () => (await import('./session-log.ts')).sessionLog,
} satisfies Record<string, () => Promise<DecoderKind<never>>>;
