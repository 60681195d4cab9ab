/**
 * Measures `daybook hosts` and `daybook top` and their peers, in one run, and prints a Markdown table for
 * each.
 *
 * Usage: node connections.ts [--lines NUMBER] [--rounds NUMBER] [--part NUMBER] [--only NAME]... [--data FOLDER]
 *
 * The slow peers read a log of lines / part: what they take beyond their start is multiplied by part. A
 * peer whose answer is not daybook's is an error.
 */
import { describeMachine } from './support/machine.ts';
import { race } from './support/race.ts';
import { raceOptions } from './support/race-options.ts';
import { hosts, top } from './support/task.ts';

const options = raceOptions(20_000_000);
process.stdout.write(`${describeMachine()}.\n`);
for (const [name, task] of Object.entries({ hosts, top })) {
  process.stdout.write(`\n\`${name}\`: ${await race(task, options)}`);
}
