/** The kinds of aggregation by name, each loaded when it is asked for: each takes its options. */
export const aggregations = {
  sessions: async () => (await import('./sessions.ts')).sessions,
  sessionLogs: async () => (await import('./session-logs.ts')).sessionLogs,
  connections: async () => (await import('./connections.ts')).connections,
  counts: async () => (await import('./counts.ts')).counts,
  events: async () => (await import('./event-lists.ts')).eventLists,
};
