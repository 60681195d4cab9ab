import { Command, Option } from 'commander';
import { addReportOptions, gathered, type ReportOptions } from '../options.ts';

interface BillOptions extends ReportOptions {
  name?: string[];
  explain?: true;
  rate?: string;
  currency?: string;
  date?: string;
  spansMidnight?: true;
  extraFields?: 'reject' | 'ignore';
  sessionTimeout?: string;
  log?: 'file' | 'day' | 'all';
}

const EXAMPLES = `
Examples:
  daybook bill app.log                           name, sessions and seconds of each user
  daybook bill app.log.2 app.log.1 app.log       rotated pieces, oldest first, are one log
  zcat app.log.gz | daybook bill --format table
  daybook bill app.log --explain --name ALICE99  the sessions behind a line, and where they stand
  daybook bill app.log --from 14:00:00 --to 15:00:00
  daybook bill app.log --rate 0.0025 --currency EUR --format csv -o bill.csv`;

/** `daybook bill`: fair billing from a session log. */
export function billCommand(): Command {
  const command = new Command('bill')
    .summary('sessions and seconds of each user of a session log')
    .description(
      'Bills the sessions of a log of lines HH:MM:SS NAME Start|End, fairly where halves are missing: ' +
        'as many Starts and Ends as possible are paired, an End without a Start began with the log, ' +
        'a Start without an End lasts until the log ends. All other lines are rejected and counted.',
    )
    .argument(
      '[files...]',
      'logs or patterns, oldest first; plain, gzip or zstd; - is standard input',
      ['-'],
    )
    .optionsGroup('Bill:')
    .option('--name <name>', 'only this user; may be repeated', gathered)
    .option('--explain', 'list the sessions, with the lines where they start and end')
    .option('--rate <price>', 'price of a second, such as 0.0025: adds amounts')
    .option('--currency <currency>', 'currency of the price, such as EUR')
    .optionsGroup('Log:')
    .addOption(
      new Option(
        '--log <what>',
        'what is one log, with a first and a last record (default: all, or as a store has it)',
      ).choices(['file', 'day', 'all']),
    )
    .option('--date <date>', 'day of the first record (YYYY-MM-DD)')
    .option('--spans-midnight', 'a drop of more than 12 hours is a new day')
    .addOption(
      new Option(
        '--extra-fields <what>',
        'lines with more than three fields (default: reject)',
      ).choices(['reject', 'ignore']),
    )
    .option(
      '--session-timeout <duration>',
      "end a session whose End never comes at its user's last record before a longer silence",
    );
  addReportOptions(command);
  return command
    .addHelpText('after', EXAMPLES)
    .action(async (files: string[], options: BillOptions) => {
      const { openBill } = await import('../../open/open-bill.ts');
      const { print } = await import('../print.ts');
      await print(await openBill({ ...options, files, names: options.name }), options);
    });
}
