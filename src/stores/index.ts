import { memory } from './memory.ts';
import { sqlite } from './sqlite.ts';

/** The kinds of store by name: each takes its options. */
export const stores = { memory, sqlite };
