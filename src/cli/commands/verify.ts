import { Command } from 'commander';
import { CONFIGURATION_FILE, readConfiguration } from '../../config/configuration.ts';
import { DaybookError } from '../../core/errors.ts';
import { Interruption } from '../interruption.ts';

const EXAMPLES = `
Example:
  daybook verify "$(daybook runs --limit 1 --format ndjson | jq -r .run)"`;

/** `daybook verify`: whether the report of a run can be made again, and is where it was put. */
export function verifyCommand(): Command {
  return new Command('verify')
    .summary('make the report of a run once more, and compare')
    .description(
      'Makes the report of a run once more from its inputs, and compares its SHA-256 with what the run has entered, and ' +
        'with what stands in its destination. Tells whether the inputs have changed since, or the configuration, or ' +
        'the same inputs gave another report. Writes nothing. The exit code is 4 where anything differs.',
    )
    .argument('<run>', 'id of the run')
    .option('-c, --config <file>', 'the configuration', CONFIGURATION_FILE)
    .addHelpText('after', EXAMPLES)
    .action(async (id: string, { config }: { config: string }) => {
      const { openVerification } = await import('../../open/open-verification.ts');
      const { verifyRun } = await import('../../pipeline/runs/verify-run.ts');
      const { describeVerification } = await import('../describe-verification.ts');
      const configuration = await readConfiguration(config, process.env);
      using interruption = new Interruption();
      await using opened = await openVerification(configuration, id);
      const { run, asked } = opened;
      const found = await verifyRun(run, asked, asked.archive, interruption.signal);
      const { lines, isRight } = describeVerification(run, found);
      if (!isRight) throw new DaybookError('MISMATCH', lines.join('\n'), { lines });
      process.stdout.write(lines.map((line) => `${line}\n`).join(''));
    });
}
