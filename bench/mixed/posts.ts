/**
 * Posts events from one on, in bodies of 100, so many bodies a second or as fast as they are answered. Usage: node posts.ts
 * URL BODIES_A_SECOND|Infinity SECONDS FIRST.
 */
import { BODY_EVENTS } from '../post/events.ts';
import { bodyFrom, poster } from '../post/poster.ts';
import { paced } from './paced.ts';

const CONNECTIONS = 8;

const [url = '', perSecond = 'Infinity', seconds = '10', first = '0'] = process.argv.slice(2);
const post = poster(url, CONNECTIONS);
await paced(
  { connections: CONNECTIONS, perSecond: Number(perSecond), seconds: Number(seconds) },
  async (index) => (await post(bodyFrom(Number(first) + index * BODY_EVENTS))) === 204,
);
process.exit(); // The connections are kept open.
