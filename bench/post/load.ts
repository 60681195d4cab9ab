/**
 * Posts events in bodies of 100, each connection one after the other. Usage: node load.ts URL CONNECTIONS EVENTS.
 * Prints events a second.
 */

import { BODY_EVENTS } from './events.ts';
import { bodyFrom, poster } from './poster.ts';

const [url = '', connections = '1', count = '0'] = process.argv.slice(2);
const bodies = Array.from({ length: Math.ceil(Number(count) / BODY_EVENTS) }, (_, body) =>
  bodyFrom(body * BODY_EVENTS),
);
const post = poster(url, Number(connections));
let next = 0;

async function connection(): Promise<void> {
  while (next < bodies.length) {
    const status = await post(bodies[next++]!);
    if (status >= 300) throw new Error(`status ${status}`);
  }
}

const began = performance.now();
await Promise.all(Array.from({ length: Number(connections) }, connection));
process.stdout.write(`${(1000 * bodies.length * BODY_EVENTS) / (performance.now() - began)}`);
