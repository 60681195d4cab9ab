/**
 * Posts events in bodies of 100, each connection one after the other. Usage: node load.ts URL CONNECTIONS EVENTS.
 * Prints events a second.
 */

import { Agent, request } from 'node:http';
import { BODY_EVENTS, eventOf } from './events.ts';

const [url = '', connections = '1', count = '0'] = process.argv.slice(2);
const bodies = Array.from({ length: Math.ceil(Number(count) / BODY_EVENTS) }, (_, body) =>
  JSON.stringify(Array.from({ length: BODY_EVENTS }, (_, i) => eventOf(body * BODY_EVENTS + i))),
);
const agent = new Agent({ keepAlive: true, maxSockets: Number(connections) });
const headers = { 'content-type': 'application/cloudevents-batch+json' };
let next = 0;

function post(body: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = request(`${url}/api/v1/events`, { method: 'POST', agent, headers }, (answer) => {
      if (answer.statusCode! >= 300) reject(new Error(`status ${answer.statusCode}`));
      answer.resume().on('end', resolve);
    });
    sent.on('error', reject).end(body);
  });
}

async function connection(): Promise<void> {
  while (next < bodies.length) await post(bodies[next++]!);
}

const began = performance.now();
await Promise.all(Array.from({ length: Number(connections) }, connection));
process.stdout.write(`${(1000 * bodies.length * BODY_EVENTS) / (performance.now() - began)}`);
