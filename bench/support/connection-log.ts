import type { LogShape } from './log-shape.ts';
import { randomNumbers } from './random.ts';

/** The day of the log, in ms since the epoch: from its first record to before the next day. */
export const DAY_START_MS: number = Date.parse('2026-01-01T00:00:00Z');
export const DAY_MS = 86_400_000;

const HOSTS = 7_000;
const LETTERS = 'abcdefghijklmnopqrstuvwxyz';
/** What is wrong with a line that is junk. */
const JUNK: readonly ((time: number, source: string, target: string) => string)[] = [
  () => '',
  (time, source) => `${time} ${source}`,
  (time, source, target) => `${time} ${source} ${target} ${source}`,
  (_, source, target) => `${source} ${target}`,
  (time, source, target) => `${time}.5 ${source} ${target}`,
  (time, source, target) => `${time}${time} ${source} ${target}`,
];

/** The hosts of the log, the busiest first. */
export function hostNames(): string[] {
  const random = randomNumbers(20_190_812);
  const names = new Set<string>();
  while (names.size < HOSTS) names.add(nameOf(random));
  return [...names];
}

/**
 * The lines of a connection log of one day, spread evenly over it: `EPOCH_MS SOURCE TARGET`.
 *
 * A host's number is the cube of a uniform random number, so that a few have most of the connections. Half
 * a percent of the lines is junk.
 */
export function* connectionLines({ lines, disorderSeconds }: LogShape): Generator<string> {
  const names = hostNames();
  const random = randomNumbers(20_260_101);
  const host = () => names[Math.floor(HOSTS * random() ** 3)]!;
  for (let line = 0; line < lines; line++) {
    const behind = disorderSeconds === 0 ? 0 : random() * disorderSeconds * 1000;
    const time = DAY_START_MS + Math.max(0, Math.floor((line / lines) * DAY_MS - behind));
    yield random() < 0.005
      ? JUNK[Math.floor(random() * JUNK.length)]!(time, host(), host())
      : `${time} ${host()} ${host()}`;
  }
}

/** 4 to 12 letters, the first of them large. */
function nameOf(random: () => number): string {
  const length = 4 + Math.floor(random() * 9);
  const letters = Array.from({ length }, () => LETTERS[Math.floor(random() * LETTERS.length)]!);
  return letters[0]!.toUpperCase() + letters.slice(1).join('');
}
