import { Command, CommanderError } from 'commander';
import { DaybookError, FAILURES } from '../core/errors.ts';
import { daybookVersion } from '../core/version.ts';
import { say } from './message.ts';

/** What makes each command, in the order of the help. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  bill: async () => (await import('./commands/bill.ts')).billCommand(),
  hosts: async () => (await import('./commands/hosts.ts')).hostsCommand(),
  top: async () => (await import('./commands/top.ts')).topCommand(),
  traffic: async () => (await import('./commands/traffic.ts')).trafficCommand(),
  counts: async () => (await import('./commands/counts.ts')).countsCommand(),
  generate: async () => (await import('./commands/generate.ts')).generateCommand(),
  ingest: async () => (await import('./commands/ingest.ts')).ingestCommand(),
  rejects: async () => (await import('./commands/rejects.ts')).rejectsCommand(),
  backup: async () => (await import('./commands/backup.ts')).backupCommand(),
  prune: async () => (await import('./commands/prune.ts')).pruneCommand(),
  keys: async () => (await import('./commands/keys.ts')).keysCommand(),
  serve: async () => (await import('./commands/serve.ts')).serveCommand(),
  report: async () => (await import('./commands/report.ts')).reportCommand(),
  runs: async () => (await import('./commands/runs.ts')).runsCommand(),
  verify: async () => (await import('./commands/verify.ts')).verifyCommand(),
  init: async () => (await import('./commands/init.ts')).initCommand(),
  check: async () => (await import('./commands/check.ts')).checkCommand(),
};

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
    .showHelpAfterError('(add --help to see what there is)')
    .exitOverride();
  program.configureOutput({
    outputError: (text, write) => write(text.replace(/^error:/, 'daybook:')),
  });
  for (const command of await commandsFor(words)) program.addCommand(command);
  inherit(program);
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

/** Has the commands of a command fail as it does, and theirs. */
function inherit(parent: Command): void {
  for (const command of parent.commands) inherit(command.copyInheritedSettings(parent));
}

/** The command that is named, or all where that is none: loading them takes longer than a short report. */
function commandsFor([word = '']: readonly string[]): Promise<Command[]> {
  const makers = Object.hasOwn(COMMANDS, word) ? [COMMANDS[word]!] : Object.values(COMMANDS);
  return Promise.all(makers.map((make) => make()));
}
