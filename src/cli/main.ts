import { Command, CommanderError } from 'commander';
import { DaybookError, FAILURES } from '../core/errors.ts';
import { daybookVersion } from '../core/version.ts';
import { backupCommand } from './backup.ts';
import { billCommand } from './bill.ts';
import { checkCommand } from './check.ts';
import { countsCommand } from './counts.ts';
import { generateCommand } from './generate.ts';
import { hostsCommand } from './hosts.ts';
import { ingestCommand } from './ingest.ts';
import { initCommand } from './init.ts';
import { keysCommand } from './keys.ts';
import { say } from './message.ts';
import { pruneCommand } from './prune.ts';
import { rejectsCommand } from './rejects.ts';
import { reportCommand } from './report.ts';
import { runsCommand } from './runs.ts';
import { serveCommand } from './serve.ts';
import { topCommand } from './top.ts';
import { trafficCommand } from './traffic.ts';
import { verifyCommand } from './verify.ts';

/**
 * Runs the command line.
 *
 * @param words - What follows the program's name.
 * @returns The exit code: 0 done, 1 failed, 2 wrong usage, 3 too many rejects, 4 what is verified differs, 130 interrupted.
 */
export async function main(words: readonly string[]): Promise<number> {
  const program = new Command('daybook')
    .description(
      'Turns raw activity records into numbers people are billed on, and can show where each comes from.',
    )
    .version(daybookVersion())
    .addCommand(billCommand())
    .addCommand(hostsCommand())
    .addCommand(topCommand())
    .addCommand(trafficCommand())
    .addCommand(countsCommand())
    .addCommand(generateCommand())
    .addCommand(ingestCommand())
    .addCommand(rejectsCommand())
    .addCommand(backupCommand())
    .addCommand(pruneCommand())
    .addCommand(keysCommand())
    .addCommand(serveCommand())
    .addCommand(reportCommand())
    .addCommand(runsCommand())
    .addCommand(verifyCommand())
    .addCommand(initCommand())
    .addCommand(checkCommand())
    .showHelpAfterError('(add --help to see what there is)')
    .exitOverride();
  program.configureOutput({
    outputError: (text, write) => write(text.replace(/^error:/, 'daybook:')),
  });
  for (const command of program.commands) command.copyInheritedSettings(program);
  // Who reads help or messages may stop before their end. Reports see to this themselves.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  try {
    await program.parseAsync(words, { from: 'user' });
    return 0;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : FAILURES.USAGE.exitCode;
    if (!(error instanceof DaybookError)) throw error;
    for (const line of error.lines) say(line);
    return FAILURES[error.code].exitCode;
  }
}
