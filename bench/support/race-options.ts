import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { wholeNumber } from './whole-number.ts';

/** How a task is measured. */
export interface RaceOptions {
  readonly lines: number;
  readonly rounds: number;
  /** The slow peers get a log of lines / part. */
  readonly part: number;
  /** The folder of logs and answers. */
  readonly data: string;
  /** What the names of the contenders begin with that are to run; all if empty. */
  readonly only: readonly string[];
}

/** The options of the command line. */
export function raceOptions(defaultLines: number): RaceOptions {
  const { values } = parseArgs({
    options: {
      lines: { type: 'string', default: `${defaultLines}` },
      rounds: { type: 'string', default: '5' },
      part: { type: 'string', default: '10' },
      data: { type: 'string', default: join(import.meta.dirname, '../data') },
      only: { type: 'string', multiple: true, default: [] },
    },
  });
  return {
    lines: wholeNumber('--lines', values.lines),
    rounds: wholeNumber('--rounds', values.rounds),
    part: wholeNumber('--part', values.part),
    data: values.data,
    only: values.only,
  };
}
