import { Command } from 'commander';
import { say } from '../message.ts';

/** `daybook init`: a configuration to start from. */
export function initCommand(): Command {
  return new Command('init')
    .summary('a configuration to start from')
    .description(
      'Writes a daybook.yaml with comments, and a .env.example. Files that are there are left alone.',
    )
    .argument('[folder]', 'where to; made if it is not there', '.')
    .action(async (folder: string) => {
      const { writeStarter } = await import('../../config/starter.ts');
      const paths = await writeStarter(folder);
      say(`wrote ${paths.join(' and ')}`);
    });
}
