import { Command } from 'commander';
import { DaybookError } from '../../core/errors.ts';
import type { Log } from '../../core/log.ts';
import type { Store } from '../../core/store.ts';
import type { OpenedIngest } from '../../open/open-ingest.ts';
import { idFormsOf } from '../../pipeline/ingest/id-forms.ts';
import type { Ingested } from '../../pipeline/ingest/ingested.ts';
import { unfinishedNotes } from '../../pipeline/ingest/unfinished-notes.ts';
import { booksTogether, described, failureLines, lostNotes } from '../ingest-summary.ts';
import { Interruption } from '../interruption.ts';
import { logged } from '../logged.ts';
import { say } from '../message.ts';
import { maxRejectsOption, type RejectLimit, threadsOption } from '../options.ts';
import { checkLimit } from '../print-report.ts';
import { progressOf } from '../progress.ts';

interface IngestCommandOptions {
  config?: string;
  store?: string;
  again?: true;
  replace?: true;
  maxRejects?: RejectLimit;
  threads: number;
  follow?: true;
  idle?: string;
  quiet?: true;
}

const EXAMPLES = `
Examples:
  daybook ingest                  all sources of daybook.yaml
  daybook ingest events           one of them
  daybook ingest -c billing.yaml --store /var/lib/daybook/billing.db
  daybook ingest --follow         all sources, and what comes`;

/** `daybook ingest`: counts what is new of the configured sources into a store. */
export function ingestCommand(): Command {
  const command = new Command('ingest')
    .summary('count what is new of the configured sources into a store')
    .description(
      'Counts every record of the configured sources into a store exactly once, however often it is run, and ' +
        'whatever files are called or compressed with. Prints the books of each input.',
    )
    .argument('[names...]', 'sources of the configuration (default: all)')
    .option('-c, --config <file>', 'the configuration (default: daybook.yaml)')
    .option('--store <file>', 'a store to use instead of the one of the configuration')
    .option('--again', 'count inputs once more that are known, or were changed')
    .option(
      '--replace',
      'count inputs anew that were changed, and take back what was counted of them',
    );
  return command
    .addOption(maxRejectsOption())
    .addOption(threadsOption())
    .option('--follow', 'go on waiting for more; Ctrl-C ends it')
    .option('--idle <duration>', 'a file that is silent for so long is done (default: 30s)')
    .option('-q, --quiet', 'no progress, no messages')
    .addHelpText('after', EXAMPLES)
    .action(ingestAll);
}

/** An ingest under way. */
interface Setting {
  readonly opened: OpenedIngest;
  readonly store: Store;
  readonly log: Log;
  readonly options: IngestCommandOptions;
}

async function ingestAll(names: string[], options: IngestCommandOptions): Promise<void> {
  refuseWords(options);
  const { openIngest, openStoreForWriting } = await import('../../open/open-ingest.ts');
  const opened = await openIngest({ ...options, names }, process.env);
  const { follow = false, quiet, maxRejects } = options;
  const sources = opened.sources.map(({ stream }) => stream.name);
  const started = { command: 'ingest', follow, sources, store: opened.store.path };
  await logged({ settings: opened.log, started, quiet }, async (log) => {
    const store = await openStoreForWriting(opened.store);
    const done: Ingested[] = [];
    try {
      await (follow ? followSources : countSources)({ opened, store, log, options }, done);
    } catch (error) {
      for (const line of failureLines(opened.sources, done)) say(line);
      throw error;
    } finally {
      await store.close();
    }
    const failures = failureLines(opened.sources, done);
    if (failures.length > 0)
      throw new DaybookError('SOURCE_UNREADABLE', failures.join('; '), { lines: failures });
    const books = booksTogether(done);
    checkLimit(books, maxRejects);
    return { books };
  });
}

function refuseWords({ follow, idle, again, replace }: IngestCommandOptions): void {
  if (!follow && idle !== undefined)
    throw new DaybookError('USAGE', '--idle is for inputs that grow; add --follow');
  if (follow && (again || replace))
    throw new DaybookError(
      'USAGE',
      '--again and --replace are for what is there; run them without --follow first',
    );
}

/** Counts what is there. `done` gets what became of each input. */
async function countSources(
  { opened, store, log, options }: Setting,
  done: Ingested[],
): Promise<void> {
  const { ingest } = await import('../../pipeline/ingest/ingest.ts');
  using interruption = new Interruption(
    new DaybookError('INTERRUPTED', 'interrupted; what was counted so far is kept'),
  );
  const inputs = opened.sources.flatMap((source) => source.inputs);
  const progress = progressOf(inputs, options);
  const notes: string[] = [];
  const note = (source: string, messages: readonly string[]) => {
    for (const message of messages) log.warn('note', { source, message });
    notes.push(...messages);
  };
  try {
    let before = 0;
    for (const source of opened.sources) {
      for (const { lines } of source.failures)
        log.error('unreadable', { source: source.stream.name, reason: lines });
      const { name } = source.stream;
      if (source.inputs.length === 0 && source.failures.length === 0)
        note(name, [`${name}: no files in ${source.words.join(', ')}`]);
      const doneBefore = done.length;
      const onProgress = (bytes: number) => progress?.update(before + bytes);
      const { again, replace, threads } = options;
      const request = { store, ...source, again, replace };
      const { signal } = interruption;
      const counted: Ingested[] = [];
      for await (const ingested of ingest(request, { signal, threads, onProgress, log })) {
        done.push(ingested);
        counted.push(ingested);
        const isWhole = ingested.kind !== 'refused' && ingested.kind !== 'failed';
        if (isWhole && ingested.heldBytes === 0) putAway(source, ingested.input);
        // A line among those of the bar would tear both.
        if (progress === undefined) process.stdout.write(`${described(ingested)}\n`);
      }
      note(name, idNotes(counted));
      if (done.slice(doneBefore).some(({ kind }) => kind === 'replaced')) {
        const inputs = await store.withLostDuplicates(name);
        if (inputs.length > 0) log.warn('duplicates', { source: name, inputs });
        notes.push(...lostNotes(inputs));
      }
      note(name, unfinishedNotes(await store.inputs(name)));
      before += source.inputs.reduce((sum, { sizeBytes = 0 }) => sum + sizeBytes, 0);
    }
  } finally {
    progress?.stop();
    if (progress !== undefined)
      for (const ingested of done) process.stdout.write(`${described(ingested)}\n`);
  }
  if (!options.quiet) for (const note of notes) say(note);
}

/** Counts what is there and what comes, until it is told to stop. */
async function followSources(
  { opened, store, log, options }: Setting,
  done: Ingested[],
): Promise<void> {
  const { followIngest } = await import('../../pipeline/ingest/follow-ingest.ts');
  using interruption = new Interruption();
  const onNote = options.quiet ? () => {} : say;
  const notes: string[] = [];
  // Where one of them fails, the others commit what they have decoded.
  const { signal } = interruption;
  const following = opened.sources.map(async ({ stream, jobOf, live }) => {
    const request = { store, stream, jobOf, live: live! };
    try {
      const counted = await followIngest(request, { signal, onNote, log });
      done.push(...counted);
      for (const message of idNotes(counted)) {
        log.warn('note', { source: stream.name, message });
        notes.push(message);
      }
    } catch (error) {
      interruption.abort();
      throw error;
    }
  });
  const failed = (await Promise.allSettled(following)).find(isRejected);
  for (const ingested of done) process.stdout.write(`${described(ingested)}\n`);
  for (const note of notes) onNote(note);
  if (failed) throw failed.reason;
}

/** What is to be told of the ids of what was counted of a source. */
function idNotes(counted: readonly Ingested[]): string[] {
  const { note } = idFormsOf(counted.map(({ ids }) => ids));
  return note ? [note.message] : [];
}

function isRejected(result: PromiseSettledResult<void>): result is PromiseRejectedResult {
  return result.status === 'rejected';
}

/** Puts a file away of which all is counted. */
function putAway(source: { done(input: { name: string }): void }, name: string): void {
  try {
    source.done({ name });
  } catch (error) {
    say(`cannot move ${name} into processed/: ${(error as Error).message}`);
  }
}
