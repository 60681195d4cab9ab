/** Answers with a constant of so many bytes, over fastify. Usage: node constant.ts BYTES. Says its address. */
import { fastify } from '../../node_modules/fastify/fastify.js';

const body = 'x'.repeat(Number(process.argv[2]) - 2);
const server = fastify({ logger: false });
server.get('/hourly', (_, reply) => reply.type('application/json').send(`"${body}"`));
process.stderr.write(`${await server.listen({ host: '127.0.0.1', port: 0 })}\n`);
