import { Agent, request } from 'node:http';
import { BODY_EVENTS, eventOf } from './events.ts';

/** The body of so many events from one on. */
export function bodyFrom(first: number): string {
  return JSON.stringify(Array.from({ length: BODY_EVENTS }, (_, i) => eventOf(first + i)));
}

/** Posts bodies to a server, so many at once. Returns the status that each is answered with. */
export function poster(url: string, connections: number): (body: string) => Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const headers = { 'content-type': 'application/cloudevents-batch+json' };
  return (body) =>
    new Promise((resolve, reject) => {
      const sent = request(`${url}/api/v1/events`, { method: 'POST', agent, headers }, (answer) => {
        answer.resume().on('error', reject);
        answer.on('end', () => resolve(answer.statusCode!));
      });
      sent.on('error', reject).end(body);
    });
}
