import { markdownTable } from '../support/markdown.ts';

const DAY_MS = 86_400_000;
const FIRST_DAY = Date.parse('2021-03-01T00:00:00Z');

/** What is asked of a store in this process. */
interface Answers {
  readonly sqlite: (options: { path: string; readOnly: boolean }) => AsyncDisposableStore;
  readonly storedCounts: (store: unknown, stream: object, options: object) => Promise<unknown>;
}

interface AsyncDisposableStore {
  close(): Promise<void>;
}

/** How long the hours of a random customer on a random day of 30 take to be counted, in the process. */
export async function queries(database: string, samples: number): Promise<string> {
  const source = new URL('../../src/', import.meta.url);
  const { sqlite } = (await import(`${source}stores/sqlite.ts`)) as Pick<Answers, 'sqlite'>;
  const { storedCounts } = (await import(`${source}reports/stored-counts.ts`)) as Pick<
    Answers,
    'storedCounts'
  >;
  const store = sqlite({ path: database, readOnly: true });
  const times: number[] = [];
  for (let i = 0; i < samples; i++) {
    const from = FIRST_DAY + Math.floor(Math.random() * 30) * DAY_MS;
    const subjects = [`cust_${Math.floor(Math.random() * 1000)}`];
    const range = { from, to: from + DAY_MS, interval: '1h', zone: 'UTC' };
    const began = performance.now();
    await storedCounts(
      store,
      { name: 'events' },
      { ...range, subjects, byType: false, values: false },
    );
    times.push(performance.now() - began);
  }
  await store.close();
  times.sort((a, b) => a - b);
  const at = (share: number) => times[Math.floor(share * (samples - 1))]!.toFixed(3);
  return markdownTable(
    ["A customer's 24 hours", 'samples', 'median ms', '99th percentile ms'],
    [['in the process', `${samples}`, at(0.5), at(0.99)]],
  );
}
