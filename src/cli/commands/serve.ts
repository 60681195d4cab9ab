import { join } from 'node:path';
import { Command } from 'commander';
import { DaybookError } from '../../core/errors.ts';
import type { Log, LogFields } from '../../core/log.ts';
import { daybookVersion } from '../../core/version.ts';
import type { OpenedServe, ServeWords } from '../../open/open-serve.ts';
import { Interruption } from '../interruption.ts';
import { logged } from '../logged.ts';
import { say } from '../message.ts';
import { addTimeOptions, refuseFiles } from '../options.ts';
import { temporaryFolder } from '../temporary-folder.ts';

type ServeOptions = Omit<ServeWords, 'files'>;

const EXAMPLES = `
Examples:
  daybook serve                      the store of daybook.yaml
  daybook serve --port 8080
  daybook serve events.csv           a file, as it is and as it grows, without daybook.yaml
  curl 'http://127.0.0.1:8000/hourly?customer_id=acme&start=2021-03-01T00:00Z&end=2021-03-02T00:00Z'`;

/** `daybook serve`: answers over HTTP. */
export function serveCommand(): Command {
  const command = new Command('serve')
    .summary('answer over HTTP')
    .description(
      'Answers over HTTP out of a store: counts, bills, hosts. Makes the reports that have a schedule. Ctrl-C or SIGTERM ' +
        'ends it. With files it needs no configuration: they are CSV, JSON, or logs, by their look, and what is counted ' +
        'of them is forgotten at the end.',
    )
    .argument('[files...]', 'files or patterns to follow instead; plain, gzip or zstd')
    .option('-c, --config <file>', 'the configuration (default: daybook.yaml)')
    .option('--store <file>', 'a store to use instead of the one of the configuration')
    .option('--host <host>', 'address to listen at (default: what the configuration says)')
    .option('--port <port>', 'port to listen at; 0 is any')
    .optionsGroup('Columns of files, by number from 1 or by name:')
    .option('--subject-column <column>', 'whose an event is (default: 1, or subject)')
    .option('--type-column <column>', 'of what type it is')
    .option('--time-column <column>', 'when it was (default: 4, or time)')
    .option('--id-column <column>', 'its id: events of the same id are counted once')
    .option('--value-column <column>', 'a number to be added up');
  return addTimeOptions(command)
    .hook('preAction', (_, action) => refuseFiles(action))
    .addHelpText('after', EXAMPLES)
    .action(async (files: string[], options: ServeOptions) => {
      if (files.length === 0) return serve(refuseColumns(options));
      await using folder = await temporaryFolder();
      await serve({ ...options, files, store: join(folder.path, 'events.db') });
    });
}

async function serve(words: ServeWords): Promise<void> {
  using interruption = new Interruption(); // From here on: it may be told to stop while it starts.
  const { openServe } = await import('../../open/open-serve.ts');
  const opened = await openServe(words, process.env);
  const { configuration, keys, store } = opened;
  try {
    const { path } = configuration.store;
    const started = { command: 'serve', version: daybookVersion(), store: path };
    await logged({ settings: opened.log, started }, (log) => answer(opened, log, interruption));
  } finally {
    keys[Symbol.dispose]();
    await opened.reports.history.close();
    await store.close();
  }
}

/** Answers, follows the sources and makes reports, until it is told to stop. */
async function answer(
  opened: OpenedServe,
  log: Log,
  interruption: Interruption,
): Promise<LogFields> {
  const { signal } = interruption;
  const stopped = new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve());
    if (signal.aborted) resolve();
  });
  const { isLoopback } = await import('../../server/access.ts');
  const { listen } = await import('../../server/listen.ts');
  const { openServer } = await import('../../server/open-server.ts');
  const { EventPoster } = await import('../../server/event-poster.ts');
  const { giveWay } = await import('../../server/give-way.ts');
  const { ReportRuns } = await import('../../server/report-runs.ts');
  const { serveReports } = await import('../serve-reports.ts');
  const { host, port, configuration, store, keys } = opened;
  const { meters, server: settings } = configuration;
  const { path, keep } = configuration.store;
  const onNote = (note: string) => {
    say(note);
    log.warn('note', { note });
  };
  const sources = [...configuration.sources];
  const events = new EventPoster({ path, keep, sources, log: configuration.log }, onNote);
  const reports = new ReportRuns({ ...opened.reports, log });
  try {
    if (keys.isEmpty() && !isLoopback(host))
      throw new DaybookError(
        'USAGE',
        `without keys only this machine is answered, not ${host}; make one with daybook keys create`,
      );
    await using scheduled = await serveReports(configuration, { log, signal });
    const registries = scheduled ? [scheduled.metrics.registry] : [];
    const completeThrough = (source: string) => events.progressOf(source)?.through;
    const parts = { path, store, keys, meters, completeThrough, events, reports, registries, log };
    const server = await openServer({ ...parts, now: Date.now }, daybookVersion(), {
      requestsPerMinute: settings.requests_per_minute,
    });
    let making: Promise<unknown> = stopped;
    try {
      const address = await listen(server, { host, port });
      const who = keys.isEmpty() ? '; without keys, so to this machine only' : '';
      say(`listening at ${address}${who}`);
      log.info('listening', { address });
      events.start();
      giveWay();
      making = scheduled?.run(signal) ?? stopped;
      await Promise.race([stopped, events.failure, making]);
    } finally {
      interruption.abort(); // also where something failed
      await Promise.all([server.close(), making]);
    }
    return {};
  } finally {
    await reports.close();
    await events.close();
  }
}

/** A configuration says itself how its sources are read. */
function refuseColumns(options: ServeOptions): ServeOptions {
  const { config: _, store: _store, host: _host, port: _port, ...ofFiles } = options;
  const [name] = Object.keys(ofFiles);
  if (name === undefined) return options;
  const option = name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  throw new DaybookError('USAGE', `--${option} says how to read files; name one, or leave it out`);
}
