import { connections } from './connections.ts';
import { counts } from './counts.ts';
import { eventLists } from './event-lists.ts';
import { sessionLogs } from './session-logs.ts';
import { sessions } from './sessions.ts';

/** The kinds of aggregation by name: each takes its options. */
export const aggregations = { sessions, sessionLogs, connections, counts, events: eventLists };
