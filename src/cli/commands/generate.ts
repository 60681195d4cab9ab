import { join } from 'node:path';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { Argument, Command, InvalidArgumentError } from 'commander';
import { DaybookError } from '../../core/errors.ts';
import { DAY, parseDuration, parseInstant } from '../../core/time.ts';
import type { generators } from '../../generate/index.ts';
import type { Lines, Plan } from '../../generate/lines.ts';
import type { Outlet } from '../../generate/outlet.ts';
import { Interruption } from '../interruption.ts';

/** Kinds by name; the generators themselves are loaded when one is used. */
const KINDS = ['sessions', 'connections', 'events'] as const satisfies (keyof typeof generators)[];

interface GenerateOptions {
  rows?: number;
  seed: number;
  names?: number;
  start?: number;
  span?: number;
  disorder: number;
  junk: number;
  rate?: number;
  output?: string;
  into?: string;
  rotate?: number;
}

const EXAMPLES = `
Examples:
  daybook generate sessions --rows 1000000 -o app.log
  daybook generate connections --rows 1000 --disorder 5m --junk 0.5%
  daybook generate connections --rate 1000/s --into incoming --rotate 5m
  daybook generate events --rate 200/s | head -3`;

const NEW_YEAR_2024 = Date.UTC(2024);
const YEAR_10000 = Date.UTC(10_000);
const BUFFER_BYTES = 256 * 1024;
/** How often a live log grows. */
const BEAT_MS = 50;

/** `daybook generate`: logs to try things on. */
export function generateCommand(): Command {
  return new Command('generate')
    .summary('a log to try things on, at full speed or live')
    .description(
      'Makes up a log, as a stand-in for a live system. The same seed and options make the same bytes ' +
        'on any machine, except for a live log without --start, whose times are those of the clock.',
    )
    .addArgument(new Argument('<kind>', 'what to log').choices(KINDS))
    .optionsGroup('Records:')
    .option('--rows <number>', 'how many lines; without end if left out with --rate', rowCount)
    .option('--seed <number>', 'another seed makes another log', seedNumber, 1)
    .option(
      '--names <number>',
      'how many users (default: 1000), hosts (7000) or customers (100)',
      nameCount,
    )
    .option('--start <time>', 'first instant (default: 2024-01-01)', instant)
    .option('--span <duration>', 'time covered (default: the rest of the first day)', stretch)
    .optionsGroup('Trouble:')
    .option(
      '--disorder <duration>',
      'how late records come; 100,000 are held back at most',
      parseDuration,
      0,
    )
    .option('--junk <percentage>', 'lines that are no records, such as 0.5%', share, 0)
    .optionsGroup('Live:')
    .option('--rate <rate>', 'lines as time goes by, such as 1000/s', perSecond)
    .optionsGroup('Output:')
    .option('-o, --output <file>', 'write to a file; with --rate append to it')
    .option('--into <folder>', 'write to files in a folder')
    .option('--rotate <duration>', 'time that each of these files covers, such as 5m', stretch)
    .addHelpText('after', EXAMPLES)
    .action(generate);
}

async function generate(kind: (typeof KINDS)[number], options: GenerateOptions): Promise<void> {
  const { generators } = await import('../../generate/index.ts');
  const { Lines } = await import('../../generate/lines.ts');
  const generator = generators[kind];
  const begun = Date.now();
  const live = options.rate !== undefined;
  const { seed, names = generator.names, disorder: disorderMs, junk } = options;
  const underWay = live && options.start === undefined;
  const times = timesOf(options, begun);
  const plan: Plan = { generator, seed, names, ...times, disorderMs, junk, underWay };
  const now = live ? () => plan.start + Date.now() - begun : () => Number.POSITIVE_INFINITY;
  const outlet = await outletOf(`${kind}-`, `.${generator.extension}`, options);
  using interruption = new Interruption();
  try {
    await pour(new Lines(plan), now, outlet, interruption.signal);
  } finally {
    await outlet.close();
  }
}

/** Writes all lines when they are due. A signal ends it after a whole line. */
async function pour(
  lines: Lines,
  now: () => number,
  outlet: Outlet,
  signal: AbortSignal,
): Promise<void> {
  const bytes = Buffer.allocUnsafe(BUFFER_BYTES);
  let dueUntil = now();
  while (!lines.done && !signal.aborted) {
    const time = lines.timeOfNext(dueUntil);
    if (time === undefined) {
      await setTimeout(BEAT_MS, undefined, { signal }).catch(() => {});
      dueUntil = now();
      continue;
    }
    await outlet.turn(time);
    const size = lines.fill(bytes, dueUntil, outlet.until);
    if (!(await outlet.write(bytes.subarray(0, size)))) return;
    await setImmediate(); // Signals only come in between.
  }
}

/** How many records there are, when they begin, and how close they are. */
function timesOf(
  { rows = Number.POSITIVE_INFINITY, start, span, rate }: GenerateOptions,
  now: number,
): Pick<Plan, 'rows' | 'start' | 'end' | 'spacingMs'> {
  if (rate !== undefined) {
    if (span !== undefined) throw usage('with --rate time passes by the clock; leave out --span');
    return { rows, start: start ?? now, end: Number.POSITIVE_INFINITY, spacingMs: 1000 / rate };
  }
  if (rows === Number.POSITIVE_INFINITY) {
    throw usage('how many lines? Say --rows 1000000, or --rate 1000/s for a log without end');
  }
  const first = start ?? NEW_YEAR_2024;
  const spanMs = span ?? DAY - (first % DAY);
  const end = first + spanMs;
  if (end > YEAR_10000) throw usage('the --span would go beyond the year 9999');
  return { rows, start: first, end, spacingMs: spanMs / rows };
}

async function outletOf(
  prefix: string,
  suffix: string,
  { output, into, rotate, rate }: GenerateOptions,
): Promise<Outlet> {
  if ((into === undefined) !== (rotate === undefined)) {
    throw usage('--into and --rotate go together, such as --into incoming --rotate 5m');
  }
  if (into !== undefined && output !== undefined) {
    throw usage('write to one place, --output or --into');
  }
  const { files, printed } = await import('../../generate/outlet.ts');
  const grow = rate !== undefined;
  if (output !== undefined) return files(() => output, Number.POSITIVE_INFINITY, grow);
  if (into === undefined || rotate === undefined) return printed();
  return files((begin) => join(into, `${prefix}${compact(begin)}${suffix}`), rotate, grow);
}

/** An instant as file names have it: `20240101T000500Z`. */
function compact(time: number): string {
  return new Date(time).toISOString().replace(/[.][0-9]+|[-:]/g, '');
}

function usage(message: string): DaybookError {
  return new DaybookError('USAGE', message);
}

function wholeNumber(text: string, least: number, most: number): number {
  const value = /^[0-9]{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new InvalidArgumentError(`It is a whole number from ${least} to ${most}.`);
}

const rowCount = (text: string) => wholeNumber(text, 1, 1e15);
const seedNumber = (text: string) => wholeNumber(text, 0, Number.MAX_SAFE_INTEGER);
const nameCount = (text: string) => wholeNumber(text, 1, 1e6);

function instant(text: string): number {
  const time = parseInstant(text, { zone: 'UTC', unit: 'ms' });
  if (time >= 0 && time < YEAR_10000) return time;
  throw new InvalidArgumentError('It is a time from 1970 to 9999.');
}

function stretch(text: string): number {
  const durationMs = parseDuration(text);
  if (durationMs > 0) return durationMs;
  throw new InvalidArgumentError('It is longer than 0.');
}

function share(text: string): number {
  const percentage = /^[0-9]{1,3}([.][0-9]{1,15})?%$/.test(text) ? Number(text.slice(0, -1)) : 101;
  if (percentage <= 100) return percentage / 100;
  throw new InvalidArgumentError('It is a percentage such as 0.5%.');
}

function perSecond(text: string): number {
  const rate = /^[0-9]{1,9}([.][0-9]{1,9})?\/s$/.test(text) ? Number(text.slice(0, -2)) : 0;
  if (rate > 0) return rate;
  throw new InvalidArgumentError('It is a number of lines a second, such as 1000/s.');
}
