/**
 * Asks a server for the hours of random customers and days as fast as it answers. Usage: node load.ts URL SECONDS.
 * Prints requests a second, the 99th percentile in ms, and what was not answered with 200, as JSON.
 */
import autocannon from 'autocannon';

const [url = '', seconds = '10'] = process.argv.slice(2);
const FIRST_DAY = Date.parse('2021-03-01T00:00:00Z');
const DAY_MS = 86_400_000;
const REQUESTS = 5000;

const requests = Array.from({ length: REQUESTS }, () => {
  const day = FIRST_DAY + Math.floor(Math.random() * 30) * DAY_MS;
  const [start, end] = [day, day + DAY_MS].map((time) => new Date(time).toISOString());
  const customer = `cust_${Math.floor(Math.random() * 1000)}`;
  return {
    path: `/hourly?${new URLSearchParams({ customer_id: customer, start: start!, end: end! })}`,
  };
});
const result = await autocannon({ url, requests, connections: 32, duration: Number(seconds) });
const { non2xx, errors, latency } = result;
process.stdout.write(
  JSON.stringify({ rate: result.requests.average, p99: latency.p99, failed: non2xx + errors }),
);
