import { Command, InvalidArgumentError, Option } from 'commander';
import type { CountsRequest } from '../../open/open-counts.ts';
import { addReportOptions, gathered, type ReportOptions } from '../options.ts';

interface CountsOptions extends ReportOptions {
  subject?: string[];
  type?: string[];
  interval?: string;
  subjectColumn?: string;
  typeColumn?: string;
  timeColumn?: string;
  idColumn?: string;
  valueColumn?: string;
  value?: CountsRequest['value'];
  fields?: number;
  header: boolean;
  explain?: true;
}

const EXAMPLES = `
Examples:
  daybook counts events.csv --subject customer_1                    events of each clock hour
  daybook counts events.csv --from 2021-03-01T00:15:00Z --to 2021-03-01T04:30:00Z
  daybook counts events.csv --subject-column customer --time-column at --interval 1d --tz Europe/Berlin
  daybook counts usage.csv --value-column 5 --value max --format csv -o usage-by-hour.csv`;

/** `daybook counts`: events of each subject in each bucket of the clock. */
export function countsCommand(): Command {
  const command = new Command('counts')
    .summary('events of each customer for each clock hour, from CSV')
    .description(
      'Counts the events of each subject in each bucket of the clock, from CSV in any order. Unless told ' +
        'otherwise, column 1 says whose an event is, column 2 of what type, column 4 when it was.',
    )
    .argument('[files...]', 'files or patterns; plain, gzip or zstd; - is standard input', ['-'])
    .optionsGroup('Events:')
    .option(
      '--subject <id>',
      'only of this subject; buckets without events are shown as 0',
      gathered,
    )
    .option('--type <type>', 'only of this type', gathered)
    .option('--interval <duration>', 'buckets of 10s, 15m, 6h, 1d, 1w or 1mo (default: 1h)')
    .option('--explain', 'list the events, with the lines where they stand')
    .optionsGroup('Columns, by number from 1 or by name:')
    .option('--subject-column <column>', 'whose an event is (default: 1)')
    .option('--type-column <column>', 'of what type it is (default: 2)')
    .option('--time-column <column>', 'when it was (default: 4)')
    .option('--id-column <column>', 'its id: events of the same id are counted once')
    .option('--value-column <column>', 'a number to be added up')
    .addOption(
      new Option('--value <total>', 'which total of the values to show (default: sum)').choices([
        'sum',
        'min',
        'max',
      ]),
    )
    .option('--fields <number>', 'reject rows that have another number of columns', fieldCount)
    .option('--no-header', 'the first row is a record, whatever it looks like');
  addReportOptions(command);
  return command
    .addHelpText('after', EXAMPLES)
    .action(async (files: string[], { subject, type, ...options }: CountsOptions) => {
      const { openCounts } = await import('../../open/open-counts.ts');
      const { print } = await import('../print.ts');
      const { header, ...others } = options;
      const asked = { ...others, ...(header ? {} : { header }), subjects: subject, types: type };
      const request = { ...asked, files };
      if (options.idColumn === undefined || options.store !== undefined)
        return print(await openCounts(request), options);
      const { eachIdOnce } = await import('../each-id-once.ts');
      await using store = await eachIdOnce(request, options);
      await print(await openCounts({ ...request, ingested: store }), options);
    });
}

function fieldCount(word: string): number {
  const count = Number(word);
  if (!/^[0-9]+$/.test(word) || count < 1 || !Number.isSafeInteger(count))
    throw new InvalidArgumentError('It is a whole number from 1 on.');
  return count;
}
