import type { FastifyReply } from 'fastify';

/** Says when a caller hangs up before it was answered. Unlike `request.signal`, not when a body was read. */
export function hangUp({ raw }: FastifyReply): AbortSignal {
  const controller = new AbortController();
  raw.once('close', () => {
    if (!raw.writableFinished) controller.abort();
  });
  return controller.signal;
}
