import { Command, InvalidArgumentError, Option } from 'commander';
import type { AccessKey, Scope } from '../../core/access-key.ts';
import { DaybookError } from '../../core/errors.ts';
import { addStoreChoice } from '../options.ts';
import { write } from '../print-report.ts';

interface KeyOptions {
  config?: string;
  store?: string;
}

interface CreateOptions extends KeyOptions {
  name: string;
  subject?: string[];
  scope: Scope;
  expires?: string;
}

const EXAMPLES = `
Examples:
  daybook keys create --name acme --subject acme             shows what acme used, and nothing else
  daybook keys create --name collector --scope write         may post events
  daybook keys create --name audit --expires 30d
  daybook keys revoke 7Qm3vX0aLw2c`;

/** `daybook keys`: who may ask the service. */
export function keysCommand(): Command {
  return new Command('keys')
    .summary('make, list and revoke keys to the service')
    .description(
      'Keys to the HTTP service. As soon as there is one, nobody gets in without; a key is shown once, and only its ' +
        'hash is kept.',
    )
    .addCommand(createCommand())
    .addCommand(listCommand())
    .addCommand(revokeCommand())
    .addHelpText('after', EXAMPLES);
}

function createCommand(): Command {
  const command = new Command('create')
    .summary('make a key, and show it once')
    .requiredOption('--name <name>', 'what to call it')
    .option('--subject <id>', 'whose usage it shows (repeatable; default: everybody)', collected)
    .addOption(
      new Option('--scope <scope>', 'ask (read), post events, too (write), or anything (admin)')
        .choices(['read', 'write', 'admin'])
        .default('read'),
    )
    .option('--expires <duration>', 'from when on it is of no use, such as 30d (default: never)');
  return addStoreChoice(command).action(async (options: CreateOptions) => {
    const { openKeys } = await import('../../open/open-keys.ts');
    const { createKey } = await import('../../server/secret-key.ts');
    const { parseDuration } = await import('../../core/time.ts');
    const { name, subject: subjects, scope, expires } = options;
    const created = Date.now();
    const until = expires === undefined ? undefined : created + parseDuration(expires);
    using keys = await openKeys(options);
    const { token } = createKey(keys, { name, scope, subjects, created, expires: until });
    process.stdout.write(`${token}\n`);
  });
}

function listCommand(): Command {
  const command = new Command('list').summary('list all keys, without what is secret');
  return addStoreChoice(command).action(async (options: KeyOptions) => {
    const { openKeys } = await import('../../open/open-keys.ts');
    using keys = await openKeys(options);
    const { signal } = new AbortController();
    await write(tableOf(keys.list()), { format: 'table' }, { signal, progress: undefined });
  });
}

function revokeCommand(): Command {
  const command = new Command('revoke')
    .summary('make a key useless, at once and for ever')
    .argument('<id>', 'the key, or its id as daybook keys list shows it');
  return addStoreChoice(command).action(async (word: string, options: KeyOptions) => {
    const { openKeys } = await import('../../open/open-keys.ts');
    using keys = await openKeys(options);
    const [, id = word] = /^daybook_([A-Za-z0-9_-]{12})_/.exec(word) ?? [];
    if (!keys.revoke(id, Date.now())) throw new DaybookError('USAGE', `there is no key ${id}`);
    process.stdout.write(`revoked ${id}\n`);
  });
}

/** A subject that is a variable without a value must not make a key that is of no use. */
function collected(word: string, words: string[] = []): string[] {
  if (word === '') throw new InvalidArgumentError('It is empty.');
  return [...words, word];
}

function tableOf(keys: readonly AccessKey[]) {
  const read = keys.length;
  return {
    report: 'keys',
    parameters: {},
    columns: [
      ...(['id', 'name', 'scope', 'subjects'] as const).map(
        (name) => ({ name, kind: 'text' }) as const,
      ),
      ...(['created', 'expires', 'revoked', 'last_used'] as const).map(
        (name) => ({ name, kind: 'instant' }) as const,
      ),
    ],
    rows: [
      keys.map((key) => [
        ...[key.id, key.name, key.scope, key.subjects?.join(', ') ?? 'everybody'],
        ...[key.created, key.expires, key.revoked, key.lastUsed].map((time) => time ?? null),
      ]),
    ],
    notes: [],
    books: { read, counted: read, rejected: {}, duplicate: 0, conflict: 0, late: 0, filtered: 0 },
    zone: 'UTC',
  };
}
