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

/** Where the hours of customers are looked up, and how often. */
interface Asked {
  readonly database: string;
  /** How many days it holds. */
  readonly days: number;
  readonly samples: number;
}

/** How long the hours of a random customer on a random day take to be counted, in the process: ms, ascending. */
export async function queries({ database, days, samples }: Asked): Promise<number[]> {
  const source = new URL('../../src/', import.meta.url);
  const { sqlite } = (await import(`${source}stores/sqlite/sqlite.ts`)) as Pick<Answers, 'sqlite'>;
  const { storedCounts } = (await import(`${source}reports/stored-counts.ts`)) as Pick<
    Answers,
    'storedCounts'
  >;
  const store = sqlite({ path: database, readOnly: true });
  const times: number[] = [];
  for (let i = 0; i < samples; i++) {
    const from = FIRST_DAY + Math.floor(Math.random() * days) * DAY_MS;
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
  return times.sort((a, b) => a - b);
}
