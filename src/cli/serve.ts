import { Command } from 'commander';
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
export function serveCommand(version: string): Command {
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
      const { openServer } = await import('../server/open-server.ts');
      const { host, port, path, store } = await openServe(options, process.env);
      using interruption = new Interruption();
      try {
        const server = await openServer({ path, store, now: Date.now }, version);
        const address = await server.listen({ host, port });
        say(`listening at ${address}`);
        await new Promise((resolve) => interruption.signal.addEventListener('abort', resolve));
        await server.close();
      } finally {
        await store.close();
      }
    });
}
