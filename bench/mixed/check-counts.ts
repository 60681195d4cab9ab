import { CUSTOMERS, customerOf, timeOf } from '../post/events.ts';

const HOUR_MS = 3_600_000;

/**
 * Holds what a server tells of each customer to the events that were posted, from the first one on. Of these customers nothing
 * else is in the store.
 *
 * @throws Error Some count is another.
 */
export async function checkCounts(url: string, events: number): Promise<void> {
  const posted = new Uint32Array(CUSTOMERS);
  for (let index = 0; index < events; index++) posted[customerOf(index)]!++;
  const start = new Date(timeOf(0)).toISOString();
  const end = new Date(Math.ceil(timeOf(events) / HOUR_MS) * HOUR_MS).toISOString();
  for (const [customer, expected] of posted.entries()) {
    const query = new URLSearchParams({ customer_id: `customer_${customer}`, start, end });
    const answer = await fetch(`${url}/hourly?${query}`);
    const { buckets } = (await answer.json()) as { buckets: readonly { count: number }[] };
    const told = buckets.reduce((sum, { count }) => sum + count, 0);
    if (told !== expected)
      throw new Error(`customer_${customer} has ${told} events, and ${expected} were posted`);
  }
}
