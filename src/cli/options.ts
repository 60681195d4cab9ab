import { availableParallelism } from 'node:os';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { DaybookError } from '../core/errors.ts';

/** Formats by name; the writers themselves are loaded when one is used. */
export const FORMATS = ['text', 'table', 'csv', 'json', 'ndjson', 'parquet'] as const;

/** Options of every command that says which records to count. */
interface RangeOptions {
  from?: string;
  to?: string;
  through?: string;
  tz?: string;
  timeUnit?: 's' | 'ms' | 'us';
  maxDisorder?: string;
}

/** Options of every command that reports window by window. */
interface WindowOptions {
  every?: string;
  align?: 'clock' | 'first';
  maxJump?: string;
  follow?: true;
  idle?: string;
  readFrom?: 'start' | 'end';
  done?: 'keep' | 'move';
  checkpoint?: string;
}

/** Options of every command that writes a table. */
export interface TableOptions {
  format?: (typeof FORMATS)[number];
  output?: string;
  spreadsheetSafe?: true;
}

/** Options of every command that makes a report. */
export interface OutputOptions extends TableOptions {
  rejects?: string;
  maxRejects?: RejectLimit;
  strict?: true;
  threads: number;
  verbose?: true;
  quiet?: true;
}

/** Options of every command that can ask a store. */
export interface StoreOptions {
  store?: string;
  config?: string;
  source?: string;
}

/** Options of every command that makes a report, of what there is or window by window. */
export interface ReportOptions extends RangeOptions, WindowOptions, StoreOptions, OutputOptions {}

/** How many rejects are too many: a number, or a share of the records read. */
export interface RejectLimit {
  readonly text: string;
  /** Rejects allowed for each `per` records read; `per` is undefined where it is a plain number. */
  readonly count: bigint;
  readonly per?: bigint;
}

/** Adds the options that every report has. */
export function addReportOptions(command: Command): void {
  addRangeOptions(command);
  addWindowOptions(command);
  addStoreOptions(command);
  addOutputOptions(command);
}

/** Adds the options that say which store to ask. */
function addStoreOptions(command: Command): void {
  command
    .optionsGroup('From a store, instead of files:')
    .option('--store <file>', 'report what daybook ingest has put there')
    .option('-c, --config <file>', 'the same of the store of a configuration')
    .option('--source <name>', 'of which source, where there are several')
    .hook('preAction', (_, action) => refuseFiles(action));
}

/** Adds the options that say which store a command is about. */
export function addStoreChoice(command: Command): Command {
  return command
    .option('-c, --config <file>', 'the configuration that names the store (default: daybook.yaml)')
    .option('--store <file>', 'the store, instead of the one of the configuration');
}

/** Who names files and a store as well would wonder which of them were counted. */
export function refuseFiles(command: Command): void {
  const { store, config } = command.opts<StoreOptions>();
  const [file] = command.args; // what was typed, without the default
  if (file === undefined || (store ?? config) === undefined) return;
  const word = store === undefined ? '--config' : '--store';
  throw new DaybookError(
    'USAGE',
    `${word} reports instead of files; leave out ${file}, or ${word}`,
  );
}

/** Adds the options that say which records to count. */
function addRangeOptions(command: Command): void {
  command
    .optionsGroup('Range:')
    .option('--from <time>', 'first instant to count')
    .option('--to <time>', 'end of the range, not counted itself')
    .option('--through <time>', 'last instant to count, instead of --to');
  addTimeOptions(command).option(
    '--max-disorder <duration>',
    'how late a record may come (default: 5m)',
  );
}

/** Adds the options that say how times are read. */
export function addTimeOptions(command: Command): Command {
  return command
    .option('--tz <zone>', 'zone of times that name none, such as Europe/Berlin')
    .addOption(
      new Option('--time-unit <unit>', 'unit of times given as bare numbers (default: ms)').choices(
        ['s', 'ms', 'us'],
      ),
    );
}

/** Adds the options for windows, and for inputs that grow. */
function addWindowOptions(command: Command): void {
  command
    .optionsGroup('Windows:')
    .option('--every <duration>', 'a report of every 10s, 15m, 6h, 1d, 1w or 1mo')
    .addOption(
      new Option(
        '--align <how>',
        'windows begin with the clock (default), or at the first record',
      ).choices(['clock', 'first']),
    )
    .option(
      '--max-jump <duration>',
      'how far ahead one record may be before a second confirms it (default: 24h)',
    )
    .optionsGroup('Live:')
    .option('--follow', 'go on waiting for more: of files, folders where files appear, or a pipe')
    .option(
      '--idle <duration>',
      'an input silent for so long does not hold back others (default: 30s)',
    )
    .addOption(
      new Option(
        '--read-from <where>',
        'where files that are there are read from (default: start)',
      ).choices(['start', 'end']),
    )
    .addOption(
      new Option(
        '--done <what>',
        'what becomes of a file in a folder: keep it (default), or move it to processed/',
      ).choices(['keep', 'move']),
    )
    .option(
      '--checkpoint <file>',
      'remember there what was read and reported, and go on from that after a stop',
    );
}

/** Adds the options that say how a table is written, and where. */
export function addTableOptions(command: Command): Command {
  return command
    .optionsGroup('Output:')
    .addOption(
      new Option(
        '--format <format>',
        'how to write the report (default: by the name of --output, else text)',
      ).choices(FORMATS),
    )
    .option('-o, --output <file>', 'write to a file, whole or not at all')
    .option(
      '--spreadsheet-safe',
      "in csv, put ' before text that a spreadsheet would take for a formula",
    );
}

/** Adds the options that say what becomes of a report. */
function addOutputOptions(command: Command): void {
  addTableOptions(command)
    .optionsGroup('Records that cannot be read:')
    .option('--rejects <file>', 'write each with its place and reason (.csv, else ndjson)')
    .addOption(maxRejectsOption())
    .option('--strict', 'stop at the first')
    .optionsGroup('Running:')
    .addOption(threadsOption())
    .option('-v, --verbose', 'tell how the books balance')
    .option('-q, --quiet', 'no progress, no notes')
    .hook('preAction', (_, action) => startAhead(action));
}

/** Starts threads while what makes the report is loaded. */
async function startAhead(command: Command): Promise<void> {
  const { threads, follow } = command.opts<ReportOptions>();
  if (threads === 1 || follow) return;
  const { startThreads } = await import('../pipeline/batch/lane-threads.ts');
  startThreads(command.args, threads);
}

/** How many rejects are too many. */
export function maxRejectsOption(): Option {
  const option = new Option(
    '--max-rejects <limit>',
    'exit with 3 if there are more, such as 100 or 0.5%',
  );
  return option.argParser(rejectLimit);
}

/** How many processor cores to use. */
export function threadsOption(): Option {
  return new Option('--threads <number>', 'processor cores to use')
    .argParser(threadCount)
    .default(availableParallelism(), 'all');
}

/** Gathers the words of an option that may be given several times. */
export function gathered(word: string, words: readonly string[] | undefined): string[] {
  return [...(words ?? []), word];
}

function threadCount(word: string): number {
  const count = Number(word);
  if (!Number.isInteger(count) || count < 1 || count > 1024)
    throw new InvalidArgumentError('It is a number from 1 to 1024.');
  return count;
}

function rejectLimit(text: string): RejectLimit {
  const [, whole, fraction = '', percent] =
    /^([0-9]{1,15})(?:[.]([0-9]{1,15}))?(%?)$/.exec(text) ?? [];
  const count = BigInt(`${whole ?? 0}${fraction}`);
  const per = 100n * 10n ** BigInt(fraction.length);
  if (percent === '%' && count <= per) return { text, count, per };
  if (percent === '' && fraction === '') return { text, count };
  throw new InvalidArgumentError('It is a whole number, or a percentage such as 0.5%.');
}
