/**
 * Asks a server for the hours of random customers and days as fast as it answers. Usage: node load.ts URL SECONDS.
 * Prints requests a second, the 99th percentile in ms, and what was not answered with 200, as JSON.
 */
import autocannon from 'autocannon';
import { hourlyPath } from '../support/hourly-path.ts';

const [url = '', seconds = '10'] = process.argv.slice(2);
const REQUESTS = 5000;

const requests = Array.from({ length: REQUESTS }, () => ({ path: hourlyPath() }));
const result = await autocannon({ url, requests, connections: 32, duration: Number(seconds) });
const { non2xx, errors, latency } = result;
process.stdout.write(
  JSON.stringify({ rate: result.requests.average, p99: latency.p99, failed: non2xx + errors }),
);
