import { setFlagsFromString } from 'node:v8';
import { Command, Option } from 'commander';
import { CONFIGURATION_FILE, readConfiguration } from '../../config/configuration.ts';
import type { Archive } from '../../core/archive.ts';
import { DaybookError } from '../../core/errors.ts';
import type { Run } from '../../core/run-history.ts';
import type { ConfiguredReport } from '../../open/open-report.ts';
import type { ScheduleEvent } from '../../pipeline/runs/scheduler.ts';
import { Interruption } from '../interruption.ts';
import { logged } from '../logged.ts';
import { say } from '../message.ts';
import { FORMATS, type TableOptions } from '../options.ts';
import type { Progress } from '../progress.ts';
import { rowProgress } from '../row-progress.ts';
import { runLine, sizeText } from '../run-line.ts';

interface ReportOptions extends TableOptions {
  config: string;
  asOf?: string;
  overwrite?: true;
  dryRun?: true;
  due?: true;
}

/** Rows under way would be taken for old where the room for new objects is as small as V8 begins with: a fourth more work. */
const ROOM_FOR_ROWS = '--semi-space-growth-factor=8';

const EXAMPLES = `
Examples:
  daybook report active-users -c daybook.yaml
  daybook report --as-of 2026-03-01 --format table -o -
  daybook report --due         from cron, as often as you like: makes what its schedule says, once`;

/** `daybook report`: makes a report of a configuration. */
export function reportCommand(): Command {
  return new Command('report')
    .summary('make a report of the configuration, and put it where it goes')
    .description(
      'Makes a report that the configuration names, puts it whole into its destination, and enters the run in the run ' +
        'history. Where the same content stands already, nothing is changed; other content is not replaced unless ' +
        'told. With -o it is written there instead, and no run is entered.',
    )
    .argument('[name]', 'which report: the one with default: true, or the only one, unless given')
    .option('-c, --config <file>', 'the configuration', CONFIGURATION_FILE)
    .option('--as-of <date>', 'make it as on that day (default: today in its zone)')
    .option('--overwrite', 'replace other content that stands in its place')
    .option('--dry-run', 'make it, and say what would be written; write and enter nothing')
    .option('--due', 'make what is due by the schedules and was not made; of all reports, or one')
    .optionsGroup('Output:')
    .addOption(
      new Option(
        '--format <format>',
        'how to write it (default: what the configuration says, else by the name of the file, else csv)',
      ).choices(FORMATS),
    )
    .option(
      '-o, --output <file>',
      'write to a file instead, whole or not at all; - for standard output',
    )
    .option(
      '--spreadsheet-safe',
      "in csv, put ' before text that a spreadsheet would take for a formula",
    )
    .addHelpText('after', EXAMPLES)
    .action(async (name: string | undefined, options: ReportOptions) => {
      setFlagsFromString(ROOM_FOR_ROWS);
      if (options.due) await makeDue(name, options);
      else await makeOne(name, options);
    });
}

async function makeOne(name: string | undefined, options: ReportOptions): Promise<void> {
  const { openReport, reportNamed } = await import('../../open/open-report.ts');
  const configuration = await readConfiguration(options.config, process.env);
  const configured = await openReport(configuration, reportNamed(configuration, name), options);
  const { archive, report, asOf } = configured;
  const progress = rowProgress(report);
  const asked = progress ? await watched(configured, progress) : configured;
  const { output } = options;
  using interruption = new Interruption(new DaybookError('INTERRUPTED', 'interrupted'));
  const { signal } = interruption;
  const started = { command: 'report', report, asOf };
  await logged({ settings: configuration.log, started }, async (log) => {
    if (output !== undefined || archive === undefined) {
      const { printConfigured } = await import('../print-configured.ts');
      await printConfigured(asked, options, { signal, progress });
      const destination = output === undefined || output === '-' ? 'standard output' : output;
      log.info('wrote', { report, asOf, destination });
      return { report };
    }
    try {
      if (options.dryRun) return { report, would: await tryOne(asked, archive, signal) };
      const { openHistory } = await import('../../open/open-history.ts');
      const { makeReport } = await import('../../pipeline/runs/make-report.ts');
      const history = await openHistory(configuration, { signal });
      try {
        const run = await makeReport(asked, { history, archive }, { signal, log });
        if (!run) throw new DaybookError('REPORT_FAILED', `another process is making ${report}`);
        tellRun(run);
        return { report, state: run.state };
      } finally {
        await history.close();
      }
    } finally {
      await archive.close();
    }
  }).finally(() => progress?.stop());
}

/** The same report, which tells how many of its rows have come. */
async function watched(asked: ConfiguredReport, progress: Progress): Promise<ConfiguredReport> {
  const { countedRows } = await import('../../pipeline/runs/render-report.ts');
  return {
    ...asked,
    async open(request) {
      const opened = await asked.open(request);
      let rows = 0;
      const table = countedRows(opened.table, (count) => {
        rows += count;
        progress.update(rows);
      });
      const close = () => {
        progress.stop();
        return opened.close();
      };
      return { ...opened, table, close };
    },
  };
}

async function tryOne(
  asked: ConfiguredReport,
  archive: Archive,
  signal: AbortSignal,
): Promise<string> {
  const { tryReport } = await import('../../pipeline/runs/try-report.ts');
  const { outcome, destination, notes, ...size } = await tryReport(asked, { archive }, signal);
  for (const { message } of notes) say(message);
  const { would, where } = OUTCOMES[outcome];
  tell(`${asked.report} ${asked.asOf}: ${would} ${sizeText(size)}, ${where} ${destination}`);
  return outcome;
}

/** What would become of a report, in words. */
const OUTCOMES = {
  write: { would: 'would write', where: 'to' },
  overwrite: { would: 'would replace other content by', where: 'at' },
  unchanged: { would: 'would change nothing,', where: 'in' },
  refuse: { would: 'would be refused,', where: 'since other content stands in' },
} as const;

async function makeDue(name: string | undefined, options: ReportOptions): Promise<void> {
  for (const [option, word] of Object.entries(NOT_WHEN_DUE))
    if (options[option as keyof typeof NOT_WHEN_DUE] !== undefined)
      throw new DaybookError('USAGE', `--due makes reports as configured; leave out ${word}`);
  const { openHistory } = await import('../../open/open-history.ts');
  const { Scheduler } = await import('../../pipeline/runs/scheduler.ts');
  const { systemClock: clock } = await import('../../pipeline/follow/system-clock.ts');
  const { noteEvent } = await import('../../pipeline/runs/note-event.ts');
  const { describeEvent } = await import('../schedule-events.ts');
  const { scheduledReports } = await import('../scheduled-reports.ts');
  const configuration = await readConfiguration(options.config, process.env);
  using interruption = new Interruption();
  const { signal } = interruption;
  const started = { command: 'report', due: true, ...(name && { report: name }) };
  await logged({ settings: configuration.log, started }, async (log) => {
    const history = await openHistory(configuration, { signal });
    try {
      const reports = scheduledReports(configuration, { history, log }, name);
      const tellEvent = (event: ScheduleEvent) => {
        noteEvent(log, event);
        if (event.outcome === 'made') tellRun(event.run);
        else say(describeEvent(event));
      };
      const scheduler = new Scheduler(reports, history, { clock, tell: tellEvent });
      const failed = await scheduler.runDue(signal);
      if (failed.length > 0)
        throw new DaybookError('REPORT_FAILED', `not made: ${failed.join(', ')}`);
      return {};
    } finally {
      await history.close();
    }
  });
}

const NOT_WHEN_DUE = {
  asOf: '--as-of',
  output: '-o',
  format: '--format',
  spreadsheetSafe: '--spreadsheet-safe',
  overwrite: '--overwrite',
  dryRun: '--dry-run',
} as const;

function tellRun(run: Run): void {
  for (const { message } of run.notes) say(message);
  tell(runLine(run));
}

function tell(line: string): void {
  process.stdout.write(`${line}\n`);
}
