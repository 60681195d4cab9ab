import { Command, InvalidArgumentError, Option } from 'commander';
import { CONFIGURATION_FILE, readConfiguration } from '../../config/configuration.ts';
import type { RunState } from '../../core/run-history.ts';
import { FORMATS, type TableOptions } from '../options.ts';

interface RunsOptions extends TableOptions {
  config: string;
  report?: string;
  state?: RunState;
  limit: number;
  sql?: true;
}

const STATES = ['running', 'done', 'unchanged', 'failed', 'missed'] as const;

const EXAMPLES = `
Examples:
  daybook runs --report active-users --state failed
  daybook runs --limit 1000 --format csv -o runs.csv
  daybook runs show 0197b6a8-6c4e-7d2a-9d53-5a4d3c2b1a09`;

/** `daybook runs`: which reports were made, and what became of them. */
export function runsCommand(): Command {
  return new Command('runs')
    .summary('which reports were made when, and what became of them')
    .description('Lists the run history, the latest first; "show" tells all that is known of one.')
    .option('-c, --config <file>', 'the configuration', CONFIGURATION_FILE)
    .option('--report <name>', 'of this report only')
    .addOption(new Option('--state <state>', 'in this state only').choices(STATES))
    .option('--limit <number>', 'no more than so many', limitOf, 20)
    .option('--sql', 'print the SQL of the table that history: { type: postgres } needs')
    .optionsGroup('Output:')
    .addOption(
      new Option('--format <format>', 'how to write the list').choices(FORMATS).default('table'),
    )
    .option('-o, --output <file>', 'write to a file, whole or not at all')
    .addHelpText('after', EXAMPLES)
    .addCommand(showCommand())
    .action(list);
}

function showCommand(): Command {
  return new Command('show')
    .summary('all that is known of a run')
    .description('Tells all that is known of a run: what was asked and read, what was written.')
    .argument('<run>', 'id of the run')
    .option('--json', 'as JSON')
    .action(async (id: string, { json }: { json?: true }, command: Command) => {
      const { config } = command.optsWithGlobals<RunsOptions>();
      const { withHistory, runNamed } = await import('../../open/look-at-runs.ts');
      const { describeRun, runJson } = await import('../describe-run.ts');
      const configuration = await readConfiguration(config, process.env);
      const run = await withHistory(configuration, (history) => runNamed(history, id));
      process.stdout.write(json ? `${runJson(run)}\n` : describeRun(run));
    });
}

async function list(options: RunsOptions): Promise<void> {
  const { config, report, state, limit, sql } = options;
  const configuration =
    sql && (await readConfiguration(config, process.env).catch(() => undefined));
  if (sql) {
    const { runsSql } = await import('../../open/look-at-runs.ts');
    process.stdout.write(runsSql(configuration));
    return;
  }
  const { listRuns } = await import('../../open/look-at-runs.ts');
  const { checkFolders, refuseTerminal, write } = await import('../print-report.ts');
  refuseTerminal(options);
  checkFolders(options);
  const table = await listRuns(await readConfiguration(config, process.env), {
    report,
    state,
    limit,
  });
  const { signal } = new AbortController();
  await write(table, options, { signal, progress: undefined });
}

function limitOf(word: string): number {
  const limit = Number(word);
  if (/^[0-9]{1,9}$/.test(word) && limit > 0) return limit;
  throw new InvalidArgumentError('It is a whole number from 1.');
}
