import { Command } from 'commander';
import type { OpenedServe } from '../config/open-serve.ts';
import { DaybookError } from '../core/errors.ts';
import type { Log, LogFields } from '../core/log.ts';
import { daybookVersion } from '../core/version.ts';
import { Interruption } from './interruption.ts';
import { logged } from './logged.ts';
import { say } from './message.ts';

interface ServeOptions {
  config?: string;
  store?: string;
  host?: string;
  port?: string;
}

const EXAMPLES = `
Examples:
  daybook serve                      the store of daybook.yaml
  daybook serve --port 8080
  curl 'http://127.0.0.1:8000/hourly?customer_id=acme&start=2021-03-01T00:00Z&end=2021-03-02T00:00Z'`;

/** `daybook serve`: answers over HTTP. */
export function serveCommand(): Command {
  return new Command('serve')
    .summary('answer over HTTP')
    .description(
      'Answers over HTTP out of a store: counts, bills, hosts. Makes the reports that have a schedule. Ctrl-C or SIGTERM ends it.',
    )
    .option('-c, --config <file>', 'the configuration (default: daybook.yaml)')
    .option('--store <file>', 'a store to use instead of the one of the configuration')
    .option('--host <host>', 'address to listen at (default: what the configuration says)')
    .option('--port <port>', 'port to listen at; 0 is any')
    .addHelpText('after', EXAMPLES)
    .action(async (options: ServeOptions) => {
      const { openServe } = await import('../config/open-serve.ts');
      const opened = await openServe(options, process.env);
      const { path, keys, store } = opened;
      try {
        const started = { command: 'serve', version: daybookVersion(), store: path };
        await logged({ settings: opened.log, started }, (log) => serve(opened, log));
      } finally {
        keys[Symbol.dispose]();
        await opened.reports.history.close();
        await store.close();
      }
    });
}

/** Answers, follows the sources and makes reports, until it is told to stop. */
async function serve(opened: OpenedServe, log: Log): Promise<LogFields> {
  const { isLoopback } = await import('../server/access.ts');
  const { openServer } = await import('../server/open-server.ts');
  const { EventPoster } = await import('../server/event-poster.ts');
  const { ReportRuns } = await import('../server/report-runs.ts');
  const { serveReports } = await import('./serve-reports.ts');
  const { host, port, path, keep, config, store, keys, meters, requestsPerMinute } = opened;
  using interruption = new Interruption();
  const { signal } = interruption;
  const onNote = (note: string) => {
    say(note);
    log.warn('note', { note });
  };
  const events = new EventPoster({ path, keep, config }, onNote);
  const reports = new ReportRuns({ ...opened.reports, log });
  try {
    if (keys.isEmpty() && !isLoopback(host))
      throw new DaybookError(
        'USAGE',
        `without keys only this machine is answered, not ${host}; make one with daybook keys create`,
      );
    const scheduled = await serveReports(opened.configuration, { log, signal });
    const registries = scheduled ? [scheduled.metrics.registry] : [];
    const parts = { path, store, keys, meters, events, reports, registries, log };
    const server = await openServer({ ...parts, now: Date.now }, daybookVersion(), {
      requestsPerMinute,
    });
    events.start();
    const address = await server.listen({ host, port });
    const who = keys.isEmpty() ? '; without keys, so to this machine only' : '';
    say(`listening at ${address}${who}`);
    log.info('listening', { address });
    const stopped = new Promise((resolve) => signal.addEventListener('abort', resolve));
    const making = scheduled?.run(signal) ?? stopped;
    try {
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
