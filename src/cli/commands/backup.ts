import { Command } from 'commander';
import { DaybookError } from '../../core/errors.ts';
import { Interruption } from '../interruption.ts';
import { addStoreChoice } from '../options.ts';
import { type Progress, progressOf } from '../progress.ts';

interface BackupOptions {
  store?: string;
  config?: string;
  force?: true;
  quiet?: true;
}

const EXAMPLES = `
Examples:
  daybook backup /backups/billing-$(date +%F).db
  daybook backup --store /var/lib/daybook/billing.db --force /backups/billing.db`;

/** `daybook backup`: a copy of a store as it is at one instant. */
export function backupCommand(): Command {
  const command = new Command('backup')
    .summary('copy a store into one file while others use it')
    .description(
      'Copies a store as it is at one instant, while others go on reading and writing it. The copy is checked, and ' +
        'is there whole or not at all. To restore it, put it in the place of the store while nobody uses that.',
    )
    .argument('<file>', 'the file to be made')
    .option('--force', 'put the copy in the place of a file that is there');
  return addStoreChoice(command)
    .option('-q, --quiet', 'no progress')
    .addHelpText('after', EXAMPLES)
    .action(backUp);
}

async function backUp(file: string, options: BackupOptions): Promise<void> {
  const { backUpStore } = await import('../../open/back-up-store.ts');
  using interruption = new Interruption(
    new DaybookError('INTERRUPTED', 'interrupted; nothing was written'),
  );
  let progress: Progress | undefined;
  try {
    const { path, sizeBytes } = await backUpStore(options, file, {
      force: options.force,
      signal: interruption.signal,
      onProgress(bytes, total) {
        progress ??= progressOf([{ sizeBytes: total }], options);
        progress?.update(bytes);
      },
    });
    progress?.stop();
    const size = sizeBytes.toLocaleString('en-US');
    process.stdout.write(`${file}: a copy of ${path}, ${size} bytes, checked\n`);
  } finally {
    progress?.stop();
  }
}
