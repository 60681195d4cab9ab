/**
 * Measures fair billing by daybook and by its peers, in one run, and prints a Markdown table.
 *
 * Usage: node bill.ts [--lines NUMBER] [--rounds NUMBER] [--part NUMBER] [--only NAME]... [--data FOLDER]
 *
 * The slow peers bill a log of lines / part: what they take beyond their start is multiplied by part. A
 * peer whose bill is not daybook's is an error.
 */
import { describeMachine } from './support/machine.ts';
import { race } from './support/race.ts';
import { raceOptions } from './support/race-options.ts';
import { billing } from './support/task.ts';

const options = raceOptions(40_000_000);
const machine = describeMachine();
process.stdout.write(`${machine}.\n\n${await race(billing, options)}`);
