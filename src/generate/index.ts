import { connections } from './connections.ts';
import { events } from './events.ts';
import { sessions } from './sessions.ts';

/** The kinds of log that can be generated, by name. */
export const generators = { sessions, connections, events };
