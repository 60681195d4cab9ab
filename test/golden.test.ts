import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, test } from 'node:test';
import { type Answer, type GoldenCase, goldenCases } from '../tools/manual.ts';

const PROGRAM = join(import.meta.dirname, '../bin/daybook.js');
/** `daybook` is this checkout's, on this Node.js. */
const PRELUDE = 'daybook() { "$DAYBOOK_NODE" "$DAYBOOK_PROGRAM" "$@"; }\n';
const UPDATE = process.env['DAYBOOK_GOLDEN_UPDATE'] === '1';

describe('the golden case', { concurrency: availableParallelism() }, () => {
  for (const golden of goldenCases()) {
    test(golden.name, async () => {
      const answer = await run(golden);
      if (UPDATE) await accept(golden, answer);
      else assert.deepEqual(answer, golden.expected);
    });
  }
});

/** Runs the command in a copy of the case's folder. */
async function run({ folder, command }: GoldenCase): Promise<Answer> {
  const workplace = await mkdtemp(join(tmpdir(), 'daybook-golden-'));
  try {
    await cp(folder, workplace, { recursive: true });
    const { FORCE_COLOR: _, ...env } = process.env;
    const child = spawn('sh', ['-c', PRELUDE + command], {
      cwd: workplace,
      env: {
        ...env,
        DAYBOOK_NODE: process.execPath,
        DAYBOOK_PROGRAM: PROGRAM,
        NO_COLOR: '1',
        TZ: 'Asia/Kolkata', // must not matter
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const exited = new Promise<number>((resolve, reject) => {
      child.on('error', reject).on('close', (code) => resolve(code ?? -1));
    });
    const [stdout, stderr, exitCode] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      exited,
    ]);
    return { stdout, stderr, exitCode };
  } finally {
    await rm(workplace, { recursive: true });
  }
}

/** Takes an answer as the right one from now on; look at what changed before you commit it. */
async function accept({ folder }: GoldenCase, { stdout, stderr, exitCode }: Answer): Promise<void> {
  const optional = async (name: string, content: string) =>
    content === ''
      ? rm(join(folder, name), { force: true })
      : writeFile(join(folder, name), content);
  await writeFile(join(folder, 'expected'), stdout);
  await optional('expected.stderr', stderr);
  await optional('expected.exit', exitCode === 0 ? '' : `${exitCode}\n`);
}
