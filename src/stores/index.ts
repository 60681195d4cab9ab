import { memory } from './memory/memory.ts';
import { sqlite } from './sqlite/sqlite.ts';
import { sqliteKeys } from './sqlite/sqlite-keys.ts';

/** The kinds of store by name: each takes its options. */
export const stores = { memory, sqlite };

/** Where keys to the service are kept, by the kind of store. */
export const keyRings = { sqlite: sqliteKeys };
