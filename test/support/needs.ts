import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Folder of real logs with known answers, which is not part of the project. */
export const SHARED_DATA = join(import.meta.dirname, '../../../shared/data');

/** Options of a test that reads the real logs: skipped where they are not. */
export function needsSharedData(): { skip: string | false } {
  return { skip: existsSync(SHARED_DATA) ? false : `no real logs at ${SHARED_DATA}` };
}

/** Options of a test that needs a program: skipped without it, unless `npm run test:full` says that all must run. */
export function needsProgram(program: string): { skip: string | false } {
  const found = spawnSync('which', [program]).status === 0;
  if (!found && process.env['DAYBOOK_TEST_FULL'])
    throw new Error(`${program} is missing: npm run setup`);
  return { skip: found ? false : `no ${program} on this machine: npm run setup` };
}
