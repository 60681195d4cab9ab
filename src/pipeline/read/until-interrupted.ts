import { interruption } from '../../core/errors.ts';

/**
 * What some work gives, unless a signal comes first: then the work is not waited for any more.
 *
 * @throws DaybookError `INTERRUPTED`, or what the work throws.
 */
export async function untilInterrupted<Result>(
  work: Promise<Result>,
  signal: AbortSignal | undefined,
): Promise<Result> {
  if (signal === undefined) return work;
  const { promise, reject } = Promise.withResolvers<never>();
  const interrupt = () => reject(interruption(signal));
  signal.addEventListener('abort', interrupt, { once: true });
  try {
    if (signal.aborted) interrupt(); // Thrown, it would leave the failure of the work to nobody.
    return await Promise.race([promise, work]);
  } finally {
    signal.removeEventListener('abort', interrupt);
  }
}
