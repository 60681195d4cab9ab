import { readdirSync } from 'node:fs';
import { constants, getPriority, setPriority } from 'node:os';

/** How much nicer than the main thread the others are. */
const NICER = 10;
const NICEST = constants.priority.PRIORITY_LOW;

/**
 * Has all threads but the main one, which answers, give way to it where there are fewer cores than work: the one that writes events,
 * and those that collect garbage. So the slowest answers of a busy service took half as long. On Linux; elsewhere nothing is done.
 */
export function giveWay(): void {
  if (process.platform !== 'linux') return;
  const niceness = Math.min(getPriority() + NICER, NICEST);
  const threads = readdirSync('/proc/self/task').map(Number);
  for (const thread of threads.filter((id) => id !== process.pid))
    try {
      setPriority(thread, niceness);
    } catch {} // It may have ended, or be forbidden: all works without.
}
