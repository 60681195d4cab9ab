import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Log } from '../core/log.ts';
import type { Api } from './api.ts';
import { logFailure } from './log-requests.ts';

/** How long answers wait for others of the same turn at most, ms, and for what is under way by then. */
const WAIT_MS = 2;

/** An answer that is ready to be sent. */
interface Ready {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  send(): void;
}

/**
 * Sends what is answered within one turn of the event loop one after the other, at its end.
 *
 * Whoever waits for an answer is woken by the first one, and finds the others there: where each was sent at once, waking took
 * a quarter of all the time that a small answer takes.
 */
export function sendTogether(api: Api, log: Log): void {
  let ready: Ready[] = [];
  let since = 0;
  const sendAll = () => {
    const answers = ready;
    ready = [];
    for (const answer of answers) sendOne(answer, log);
  };
  const sendLate = () => {
    if (ready.length > 0 && performance.now() - since > WAIT_MS) sendAll();
  };
  // Many that are answered in another turn may come in this one.
  api.addHook('onRequest', (_request, _reply, done) => {
    sendLate();
    done();
  });
  api.addHook('onSend', (request, reply, _payload, send) => {
    if (ready.push({ request, reply, send }) > 1) return sendLate();
    since = performance.now();
    setImmediate(sendAll);
  });
}

/** Sends an answer; one that cannot be sent harms no other. */
function sendOne({ request, reply, send }: Ready, log: Log): void {
  try {
    send();
  } catch (error) {
    logFailure(log, request, error);
    reply.raw.destroy();
  }
}
