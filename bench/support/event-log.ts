import type { LogShape } from './log-shape.ts';
import { randomNumbers } from './random.ts';

const START_MS = Date.parse('2021-03-01T00:00:00Z');
const DAY_MS = 86_400_000;
const CUSTOMERS = 1_000;
const TYPES = ['INGEST', 'login', 'request', 'upload', 'export'];

/**
 * The rows of a CSV of some days, spread evenly over them: `customer,type,uuid,2021-03-01 00:11:25.277+00`.
 *
 * A customer's number is the cube of a uniform random number, so that a few have most of the events.
 */
export function* eventLines({ lines, disorderSeconds, days = 30 }: LogShape): Generator<string> {
  const random = randomNumbers(20_210_301);
  for (let line = 0; line < lines; line++) {
    const behind = random() * disorderSeconds * 1000;
    const time = START_MS + Math.max(0, Math.floor((line / lines) * days * DAY_MS - behind));
    const at = new Date(time).toISOString();
    const customer = Math.floor(CUSTOMERS * random() ** 3);
    const type = TYPES[Math.floor(random() * TYPES.length)]!;
    const id = Array.from({ length: 4 }, () => hex(random())).join('');
    yield `cust_${customer},${type},${uuid(id)},${at.slice(0, 10)} ${at.slice(11, 23)}+00`;
  }
}

function hex(random: number): string {
  return Math.floor(random * 2 ** 32)
    .toString(16)
    .padStart(8, '0');
}

function uuid(hex: string): string {
  const edges = [0, 8, 12, 16, 20, 32];
  return edges
    .slice(1)
    .map((to, i) => hex.slice(edges[i], to))
    .join('-');
}
