import type { Stream } from '../core/store.ts';

/** Events that are posted, in a store: CloudEvents, a JSON object a line. */
export const POSTED: Stream = {
  name: 'posted',
  format: 'ndjson',
  options: { columns: {}, timeUnit: 'ms', data: true },
  fields: ['type', 'id', 'data'],
};
