import { Command } from 'commander';
import { DaybookError } from '../core/errors.ts';
import { daybookVersion } from '../core/version.ts';
import { Interruption } from './interruption.ts';
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
      'Answers over HTTP out of a store: counts, bills, hosts. Ctrl-C or SIGTERM ends it.',
    )
    .option('-c, --config <file>', 'the configuration (default: daybook.yaml)')
    .option('--store <file>', 'a store to use instead of the one of the configuration')
    .option('--host <host>', 'address to listen at (default: what the configuration says)')
    .option('--port <port>', 'port to listen at; 0 is any')
    .addHelpText('after', EXAMPLES)
    .action(async (options: ServeOptions) => {
      const { openServe } = await import('../config/open-serve.ts');
      const { isLoopback } = await import('../server/access.ts');
      const { openServer } = await import('../server/open-server.ts');
      const { EventPoster } = await import('../server/event-poster.ts');
      const opened = await openServe(options, process.env);
      const { host, port, path, keep, sources, log, store, keys, meters } = opened;
      using interruption = new Interruption();
      const events = new EventPoster({ path, keep, sources, log }, say);
      try {
        if (keys.isEmpty() && !isLoopback(host))
          throw new DaybookError(
            'USAGE',
            `without keys only this machine is answered, not ${host}; make one with daybook keys create`,
          );
        const completeThrough = (source: string) => events.progressOf(source)?.through;
        const context = { path, store, keys, meters, completeThrough, events, now: Date.now };
        const { requestsPerMinute } = opened;
        const server = await openServer(context, daybookVersion(), { requestsPerMinute });
        events.start();
        const address = await server.listen({ host, port });
        const who = keys.isEmpty() ? '; without keys, so to this machine only' : '';
        say(`listening at ${address}${who}`);
        const { signal } = interruption;
        const stopped = new Promise((resolve) => signal.addEventListener('abort', resolve));
        await Promise.race([stopped, events.failure]).finally(() => server.close());
      } finally {
        await events.close();
        keys[Symbol.dispose]();
        await store.close();
      }
    });
}
