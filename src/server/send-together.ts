import type { Api } from './api.ts';

/** How long answers wait for others of the same turn at most, ms. */
const WAIT_MS = 2;

/**
 * Sends what is answered within one turn of the event loop one after the other, at its end.
 *
 * Whoever waits for an answer is woken by the first one, and finds the others there: where each was sent at once, waking took
 * a quarter of all the time that a small answer takes.
 */
export function sendTogether(api: Api): void {
  let ready: (() => void)[] = [];
  let since = 0;
  const send = () => {
    const all = ready;
    ready = [];
    for (const each of all) each();
  };
  api.addHook('onSend', (_request, _reply, _payload, done) => {
    if (ready.push(done) === 1) {
      since = performance.now();
      setImmediate(send);
    } else if (performance.now() - since > WAIT_MS) send();
  });
}
