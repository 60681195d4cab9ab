import { Command } from 'commander';
import { DaybookError } from '../../core/errors.ts';
import type { RejectWords } from '../../open/open-rejects.ts';
import type { Replayed } from '../../pipeline/ingest/replay-rejects.ts';
import { Interruption } from '../interruption.ts';
import { say } from '../message.ts';
import { addStoreChoice, addTableOptions, gathered, type TableOptions } from '../options.ts';

interface RejectOptions extends TableOptions {
  config?: string;
  store?: string;
  source?: string;
  reason?: string[];
  replay?: true;
}

const EXAMPLES = `
Examples:
  daybook rejects --format table
  daybook rejects --source events --reason time --reason zone -o rejects.csv
  daybook rejects --replay        after the settings of a source were set right`;

/** `daybook rejects`: what a store has refused, and once more what can be read now. */
export function rejectsCommand(): Command {
  const command = new Command('rejects')
    .summary('what was refused and why; --replay after a fix')
    .description(
      'Lists the records that daybook ingest has refused, with their places and reasons, also those whose id was ' +
        'counted with another content. --replay decodes them with the present settings of their sources: those that ' +
        'are events now are counted, once, where they stood.',
    )
    .option('--source <name>', 'of this source only')
    .option('--reason <reason>', 'of this reason only', gathered)
    .option('--replay', 'decode them anew, and count those that are events now');
  addStoreChoice(command);
  addTableOptions(command);
  return command
    .addHelpText('after', EXAMPLES)
    .action(async ({ reason: reasons, ...options }: RejectOptions) => {
      if (options.replay) await replay({ ...options, reasons });
      else await list({ ...options, reasons }, options);
    });
}

async function list(words: RejectWords, options: TableOptions): Promise<void> {
  const { listRejects } = await import('../../open/open-rejects.ts');
  const { checkFolders, refuseTerminal, write } = await import('../print-report.ts');
  refuseTerminal(options);
  checkFolders(options);
  using interruption = new Interruption(
    new DaybookError('INTERRUPTED', 'interrupted; nothing was written'),
  );
  const { signal } = interruption;
  await listRejects(words, async (table) => {
    await write(table, options, { signal, progress: undefined });
    for (const { message } of table.notes) say(message);
  });
}

async function replay(words: RejectWords): Promise<void> {
  const { openReplay } = await import('../../open/open-rejects.ts');
  const { replayRejects } = await import('../../pipeline/ingest/replay-rejects.ts');
  const { store, sources } = await openReplay(words, process.env);
  using interruption = new Interruption(
    new DaybookError('INTERRUPTED', 'interrupted; what was counted so far is kept'),
  );
  const { signal } = interruption;
  try {
    for (const source of sources) {
      const request = { store, ...source, reasons: words.reasons };
      for await (const replayed of replayRejects(request, { signal }))
        process.stdout.write(`${described(replayed)}\n`);
    }
  } finally {
    await store.close();
  }
}

/** What became of an input's rejects, on a line. */
function described({ input, rejects, unread, ...found }: Replayed): string {
  const { counted, duplicate, conflict } = found;
  const known = Object.entries({ duplicate, conflict }).filter(([, count]) => count > 0);
  const others = known.map(([what, count]) => ` + ${count} ${what}`).join('');
  const left = rejects - counted - duplicate - conflict;
  const cannot =
    unread > 0 ? ` (${unread} can be read from the file only, which is gone or was changed)` : '';
  const what = rejects === 1 ? 'reject' : 'rejects';
  return `${input}: ${rejects} ${what} = ${counted} counted${others} + ${left} still rejected${cannot}`;
}
