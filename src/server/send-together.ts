import type { FastifyReply } from 'fastify';
import type { Log } from '../core/log.ts';
import type { Api } from './api.ts';
import { logFailure } from './log-requests.ts';

/** How long answers wait for others of the same turn at most, ms, and for what is under way by then. */
const WAIT_MS = 2;

/** Sends an answer that is ready. */
type Send = () => void;

/**
 * Sends what is answered within one turn of the event loop one after the other, at its end.
 *
 * Whoever waits for an answer is woken by the first one, and finds the others there: where each was sent at once, waking took
 * a quarter of all the time that a small answer takes.
 */
export function sendTogether(api: Api, log: Log): void {
  let ready = new Map<FastifyReply, Send>();
  let since = 0;
  const sendAll = () => {
    const answers = ready;
    ready = new Map();
    for (const [reply, send] of answers) sendOne(reply, send, log);
  };
  const sendLate = () => {
    if (ready.size > 0 && performance.now() - since > WAIT_MS) sendAll();
  };
  // Many that are answered in another turn may come in this one.
  api.addHook('onRequest', (_request, _reply, done) => {
    sendLate();
    done();
  });
  api.addHook('onSend', (_request, reply, _payload, send) => {
    // Who fails behind its answer, but before that was sent, has the status of the failure by now: that is sent instead.
    ready.set(reply, send);
    if (ready.size > 1) return sendLate();
    since = performance.now();
    setImmediate(sendAll);
  });
}

/** Sends an answer; one that cannot be sent harms no other. */
function sendOne(reply: FastifyReply, send: Send, log: Log): void {
  try {
    send();
  } catch (error) {
    logFailure(log, reply.request, error);
    reply.raw.destroy();
  }
}
