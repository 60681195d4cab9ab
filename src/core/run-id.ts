import { randomUUIDv7 } from 'node:crypto';

const MILLISECOND_DIGITS = 'xxxxxxxx-xxxx'.length;
let last = '';

/** An id for a run: behind all that this process gave before, unless the clock was put back. */
export function runId(): string {
  let id = randomUUIDv7();
  const isSameMs = () => id.slice(0, MILLISECOND_DIGITS) === last.slice(0, MILLISECOND_DIGITS);
  while (isSameMs() && id <= last) id = randomUUIDv7();
  last = id;
  return id;
}
