import { Command } from 'commander';
import { formatInstant } from '../../core/time.ts';
import type { PruneWords } from '../../open/prune-store.ts';
import { addStoreChoice } from '../options.ts';

const EXAMPLES = `
Examples:
  daybook prune --before 2021-03-01 --tz Europe/Berlin --dry-run
  daybook prune --store /var/lib/daybook/billing.db --before "$(date -d '-90 days' -Im)"`;

/** `daybook prune`: forgets old events of a store. */
export function pruneCommand(): Command {
  const command = new Command('prune')
    .summary('forget the events of a store before an instant')
    .description(
      'Forgets the events of a store before an instant, and gives their space back. Counts by minute stay, so counts ' +
        'of whole minutes answer as before; ids and what files were counted stay, so nothing is counted again. What ' +
        'needs the events themselves (bills, hosts, cut minutes) then says that they are forgotten.',
    )
    .requiredOption(
      '--before <time>',
      'the first instant that is kept; a time within a minute means its start',
    )
    .option('--tz <zone>', 'zone of a time that names none, such as Europe/Berlin')
    .option('--dry-run', 'change nothing, only say what would be forgotten');
  return addStoreChoice(command)
    .addHelpText('after', EXAMPLES)
    .action(async (words: PruneWords) => {
      const { pruneStore } = await import('../../open/prune-store.ts');
      const { before, zone, events } = await pruneStore(words);
      const instant = formatInstant(before, zone);
      const did = words.dryRun ? 'would forget' : 'forgot';
      for (const [source, count] of events) {
        const what = `${count.toLocaleString('en-US')} ${count === 1 ? 'event' : 'events'}`;
        process.stdout.write(`${source}: ${did} ${what} before ${instant}\n`);
      }
    });
}
