/** Asks for the hours of random customers and days at a fixed rate. Usage: node queries.ts URL A_SECOND SECONDS. */
import { hourlyPath } from '../support/hourly-path.ts';
import { LeanClient } from './lean-client.ts';
import { paced } from './paced.ts';

const CONNECTIONS = 32;

const [url = '', perSecond = '1', seconds = '10'] = process.argv.slice(2);
const clients = Array.from({ length: CONNECTIONS }, () => new LeanClient(url));
await paced(
  { connections: CONNECTIONS, perSecond: Number(perSecond), seconds: Number(seconds) },
  async (_, connection) => (await clients[connection]!.get(hourlyPath())) === 200,
);
for (const client of clients) client.close();
