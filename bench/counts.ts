/**
 * Measures `daybook counts` and its peers, in one run, and prints a Markdown table.
 *
 * Usage: node counts.ts [--lines NUMBER] [--rounds NUMBER] [--part NUMBER] [--only NAME]... [--data FOLDER]
 *
 * The slow peers read a log of lines / part: what they take beyond their start is multiplied by part. A
 * peer whose answer is not daybook's is an error.
 */
import { describeMachine } from './support/machine.ts';
import { race } from './support/race.ts';
import { raceOptions } from './support/race-options.ts';
import { counts } from './support/task.ts';

const table = await race(counts, raceOptions(14_000_000));
process.stdout.write(`${describeMachine()}.\n\n\`counts\`: ${table}`);
