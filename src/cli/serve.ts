import { join } from 'node:path';
import { Command, Option } from 'commander';
import type { OpenedServe, ServeWords } from '../config/open-serve.ts';
import { DaybookError } from '../core/errors.ts';
import { daybookVersion } from '../core/version.ts';
import { Interruption } from './interruption.ts';
import { say } from './message.ts';
import { refuseFiles } from './options.ts';
import { temporaryFolder } from './temporary-folder.ts';

type ServeOptions = Omit<ServeWords, 'files'>;

const EXAMPLES = `
Examples:
  daybook serve                      the store of daybook.yaml
  daybook serve --port 8080
  daybook serve events.csv           a file, as it is and as it grows, without daybook.yaml
  curl 'http://127.0.0.1:8000/hourly?customer_id=acme&start=2021-03-01T00:00Z&end=2021-03-02T00:00Z'`;

/** `daybook serve`: answers over HTTP. */
export function serveCommand(): Command {
  return new Command('serve')
    .summary('answer over HTTP')
    .description(
      'Answers over HTTP out of a store: counts, bills, hosts. Ctrl-C or SIGTERM ends it. With files it needs no ' +
        'configuration: they are CSV, JSON, or logs, by their look, and what is counted of them is forgotten at the end.',
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
    .option('--value-column <column>', 'a number to be added up')
    .option('--tz <zone>', 'zone of times that name none, such as Europe/Berlin')
    .addOption(
      new Option('--time-unit <unit>', 'unit of times given as bare numbers (default: ms)').choices(
        ['s', 'ms', 'us'],
      ),
    )
    .hook('preAction', (_, action) => refuseFiles(action))
    .addHelpText('after', EXAMPLES)
    .action(async (files: string[], options: ServeOptions) => {
      if (files.length === 0) return serve(refuseColumns(options));
      await using folder = await temporaryFolder();
      await serve({ ...options, files, store: join(folder.path, 'events.db') });
    });
}

async function serve(words: ServeWords): Promise<void> {
  const { openServe } = await import('../config/open-serve.ts');
  const opened = await openServe(words, process.env);
  try {
    await answer(opened);
  } finally {
    opened.keys[Symbol.dispose]();
    await opened.store.close();
  }
}

/** Answers until it is told to stop. */
async function answer(opened: OpenedServe): Promise<void> {
  const { isLoopback } = await import('../server/access.ts');
  const { openServer } = await import('../server/open-server.ts');
  const { EventPoster } = await import('../server/event-poster.ts');
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
