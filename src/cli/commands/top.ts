import { Command, InvalidArgumentError, Option } from 'commander';
import type { TopRequest } from '../../open/open-connections.ts';
import { addReportOptions, type ReportOptions } from '../options.ts';

/** Options of commands that show the busiest hosts. */
export interface BusyOptions {
  by?: TopRequest['by'];
  limit?: number;
}

interface TopOptions extends ReportOptions, BusyOptions {}

const EXAMPLES = `
Examples:
  daybook top connections.log                            every host, the busiest first
  daybook top connections.log --limit 10 --format table  ten, and all that tie with the tenth
  daybook top connections.log --by received --from 2019-08-13T00:00:00Z --to 2019-08-13T01:00:00Z`;

/** `daybook top`: the busiest hosts. */
export function topCommand(): Command {
  const command = new Command('top')
    .summary('the busiest hosts of a connection log')
    .description(
      'Counts the connections of every host in a log of lines EPOCH SOURCE TARGET, which may be out of ' +
        'order. All other lines are rejected and counted.',
    )
    .argument('[files...]', 'logs or patterns; plain, gzip or zstd; - is standard input', ['-'])
    .optionsGroup('Hosts:');
  addBusyOptions(command, 'all');
  addReportOptions(command);
  return command
    .addHelpText('after', EXAMPLES)
    .action(async (files: string[], options: TopOptions) => {
      const { openTop } = await import('../../open/open-connections.ts');
      const { print } = await import('../print.ts');
      await print(await openTop({ ...options, files }), options);
    });
}

/** Adds the options that say which hosts are busy. */
export function addBusyOptions(command: Command, shown: string): Command {
  return command
    .addOption(
      new Option(
        '--by <what>',
        'count connections made by a host, made to it, or either (default: sent)',
      ).choices(['sent', 'received', 'either']),
    )
    .option(
      '--limit <number>',
      `how many of the busiest hosts, with all that tie with the last (default: ${shown})`,
      hostCount,
    );
}

function hostCount(word: string): number {
  const count = Number(word);
  if (!/^[0-9]+$/.test(word) || count < 1 || !Number.isSafeInteger(count))
    throw new InvalidArgumentError('It is a whole number from 1 on.');
  return count;
}
