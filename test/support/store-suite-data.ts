import type { Keep, Store, Stream } from '../../src/core/store.ts';
import type { TestRow } from './commits.ts';

/** A store for a test, and how to open it once more where it outlasts the process. */
export interface OpenedStore extends AsyncDisposable {
  readonly store: Store;
  again?(): Store;
}

/** Makes a new store with a stream of every field. */
export type OpenStore = (keep?: Keep) => Promise<OpenedStore>;

export const MINUTE = 60_000;
export const UUID = '0190c3f5-7c1e-7aaa-8bbb-0123456789ab';
/** A stream of events only. */
export const PLAIN: Stream = {
  ...{ name: 'plain', format: 'connection-log', options: {}, fields: ['object'] },
  eventsOnly: true,
};
/** Events of any numbers and names that can be. */
export const ROWS: readonly TestRow[] = [
  { time: 61_000, subject: 'ant', type: 'login', value: 125n, scale: 2, id: 'one' },
  { time: 59_999, subject: 'constructor', object: '__proto__', kind: 1, id: UUID },
  { time: 2 ** 53, subject: '', value: 2n ** 63n - 1n, scale: 18, id: UUID.toUpperCase() },
  { time: -(2 ** 53), subject: 'a\0b', value: -(2n ** 63n), id: 'x\0y', data: '{"é":1}' },
  { time: 61_001, subject: Buffer.from([0xff, 0xfe]), type: 'login', value: -5n, scale: 1 },
];

/** What a commit is told that another one overtook. */
export const overtaken: { readonly code: string; readonly message: string } = {
  code: 'STORE_UNUSABLE',
  message: 'another process ingested while a.csv was read, and may have counted it; run again',
};

/** An event as it is read, of what it has besides its place. */
export function eventOf(row: object, index: number): object {
  const place = { line: index + 1, position: index * 10 };
  return { object: '', type: '', kind: 0, value: '0/0', id: '', data: '', ...row, ...place };
}

/** Totals of one value. */
export function totals(value: string): object {
  return { sum: value, min: value, max: value };
}
