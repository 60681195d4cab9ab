import { realpathSync } from 'node:fs';
import { DaybookError, readField } from '../core/errors.ts';
import type { Input } from '../core/source.ts';
import type { Parameter } from '../core/table.ts';
import { parseInstant, parseThrough, type TimeReading } from '../core/time.ts';
import { EVERYTHING, type TimeRange } from '../core/time-range.ts';
import { sources } from '../sources/index.ts';

/** What every report may be asked for; all times and durations are text, as on the command line. */
export interface RangeRequest {
  /** Files or patterns, oldest first, which together are one log; `-` is standard input. Of no meaning with a store. */
  readonly files: readonly string[];
  /** A store to be asked instead of files. */
  readonly store?: string | undefined;
  /** A configuration whose store is to be asked instead of files; `store` wins over it. */
  readonly config?: string | undefined;
  /** Which of the sources in the store, where it is not the only one of its kind. */
  readonly source?: string | undefined;
  /** Inclusive start of the range. */
  readonly from?: string | undefined;
  /** Exclusive end. */
  readonly to?: string | undefined;
  /** Inclusive end, instead of `to`. */
  readonly through?: string | undefined;
  /** IANA zone of times that name none, and in which times are shown. */
  readonly tz?: string | undefined;
  /** Unit of times that are bare numbers. */
  readonly timeUnit?: 's' | 'ms' | 'us' | undefined;
  /** How late a record may come. */
  readonly maxDisorder?: string | undefined;
}

/** The half-open range that was asked for. */
export function rangeOf({ from, to, through }: RangeRequest, reading: TimeReading): TimeRange {
  if (to !== undefined && through !== undefined) {
    throw new DaybookError('USAGE', 'a range has one end: --to is exclusive, --through inclusive');
  }
  const range = {
    from:
      from === undefined ? EVERYTHING.from : readField('from', () => parseInstant(from, reading)),
    to:
      to !== undefined
        ? readField('to', () => parseInstant(to, reading))
        : through !== undefined
          ? parseThrough(through, reading)
          : EVERYTHING.to,
  };
  if (range.from > range.to) {
    const message = `the range ends (${to ?? through}) before it begins (${from})`;
    throw new DaybookError('USAGE', message, { field: 'to' });
  }
  return range;
}

/** Finds inputs in the order given, each word by its kind of source. */
export async function inputsOf(words: readonly string[]): Promise<Input[]> {
  const inputs: Input[] = [];
  // One after the other: a shell's pattern may name more files than can be open.
  for (const word of words) {
    const source = word === '-' ? sources.stdin : sources.file;
    inputs.push(...(await source.inputs([word])));
  }
  refuseTwice(inputs);
  return inputs;
}

/**
 * A file that is billed twice is a mistake, such as of a pattern that matches what is also named.
 *
 * @throws DaybookError `USAGE`
 */
export function refuseTwice(inputs: readonly Input[]): void {
  const paths = new Set<string>();
  for (const { name, source } of inputs) {
    const path = source === 'file' ? realpathSync(name) : name;
    if (paths.has(path))
      throw new DaybookError('USAGE', `${name} is given twice; name each input once`);
    paths.add(path);
  }
}

/** What shapes any report, in the order in which it repeats it, behind what is its own. */
const RANGE_PARAMETERS = ['from', 'to', 'through', 'tz', 'timeUnit', 'maxDisorder'] as const;

/** What was asked for, as a report repeats it: what is the report's own, and what is every report's. */
export function parametersOf(
  request: RangeRequest,
  own: readonly string[],
  inputs: readonly string[],
): Record<string, Parameter> {
  const parameters: Record<string, Parameter> = { inputs };
  const asked = new Map<string, unknown>(Object.entries(request));
  for (const key of [...own, ...RANGE_PARAMETERS]) {
    const value = asked.get(key);
    if (value !== undefined) parameters[key] = value as Parameter;
  }
  return parameters;
}
