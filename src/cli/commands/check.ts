import { Command } from 'commander';
import { CONFIGURATION_FILE } from '../../config/configuration.ts';
import { say } from '../message.ts';

interface CheckOptions {
  config: string;
  schema?: true;
}

/** `daybook check`: whether a configuration is right, and what it says in the end. */
export function checkCommand(): Command {
  return new Command('check')
    .summary('whether a configuration is right, and what is in effect')
    .description(
      'Checks a configuration, its variables, and whether the files and folders that it names can be used. ' +
        'Tells all that is wrong, each with its line and column; else prints what is in effect, with ' +
        'secrets masked. Nothing is changed.',
    )
    .option('-c, --config <file>', 'the configuration', CONFIGURATION_FILE)
    .option('--schema', 'print the JSON Schema of configurations, for editors')
    .action(async ({ config, schema }: CheckOptions) => {
      if (schema) {
        const { jsonSchema } = await import('../../config/configuration-schema.ts');
        process.stdout.write(jsonSchema());
        return;
      }
      const { checkConfiguration } = await import('../../open/check-configuration.ts');
      const { effective, notes } = checkConfiguration(config, process.env);
      for (const note of notes) say(note);
      process.stdout.write(effective);
    });
}
