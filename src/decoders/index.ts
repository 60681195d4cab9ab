import { sessionLog } from './session-log.ts';

/** The kinds of decoder by name. */
export const decoders = { 'session-log': sessionLog };
