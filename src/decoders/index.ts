import { connectionLog } from './connection-log.ts';
import { csv } from './csv.ts';
import { ndjson } from './ndjson.ts';
import { sessionLog } from './session-log.ts';

/** The kinds of decoder by name. */
export const decoders = {
  'connection-log': connectionLog,
  csv,
  ndjson,
  'session-log': sessionLog,
};
