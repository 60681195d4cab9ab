import { connectionLog } from './connection-log.ts';
import { sessionLog } from './session-log.ts';

/** The kinds of decoder by name. */
export const decoders = { 'connection-log': connectionLog, 'session-log': sessionLog };
