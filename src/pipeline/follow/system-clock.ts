import { setTimeout as delay } from 'node:timers/promises';
import { interruption } from '../../core/errors.ts';
import type { Clock } from '../../core/schedule.ts';

/** The clock of this machine. */
export const systemClock: Clock = {
  now: Date.now,
  async sleep(ms, signal) {
    try {
      await delay(ms, undefined, { signal });
    } catch (error) {
      throw signal?.aborted ? interruption(signal) : error;
    }
  },
};
