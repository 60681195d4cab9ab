import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtempDisposable, readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { fileArchive } from '../../../src/destinations/file-archive.ts';
import { makeReport } from '../../../src/pipeline/runs/make-report.ts';
import { sqliteRuns } from '../../../src/stores/sqlite/sqlite-runs.ts';
import { reportToMake } from '../../support/report-to-make.ts';

const KILLS = Number(process.env['DAYBOOK_KILL_SEEDS'] ?? 4) * 2;
const CHILD = join(import.meta.dirname, '../../support/report-child.ts');
/** Large enough that a kill comes while it is written. */
const ROWS = 100_000;

describe('a report that is killed', () => {
  test('is whole or absent, and the history tells which once the next has run', async () => {
    const rows = Array.from({ length: ROWS }, (_, i) => [`user${i}`, i] as const);
    let wholeMs = 0;
    for (let kill = 0; kill <= KILLS; kill++) {
      await using folder = await mkdtempDisposable(join(tmpdir(), 'daybook-killed-'));
      const out = join(folder.path, 'out');
      await mkdir(out);
      const child = spawn(process.execPath, [CHILD, folder.path, String(ROWS)], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const exited = once(child, 'exit');
      await once(child.stdout, 'data');
      const begun = performance.now();
      // The first is left alone, and tells how long it takes.
      if (kill > 0) {
        await delay((wholeMs * (kill - 0.5)) / KILLS);
        child.kill('SIGKILL');
      }
      await exited;
      if (kill === 0) wholeMs = performance.now() - begun;

      const [before] = (await filesIn(out)).filter(({ name }) => !name.endsWith('.tmp'));
      const history = sqliteRuns({ path: join(folder.path, 'daybook.db') });
      const archive = fileArchive(out);
      const last = await makeReport(reportToMake({ rows }), { history, archive });
      const runs = (await history.list({ limit: 10 })).toReversed();
      await history.close();
      const files = await filesIn(out);
      assert.deepEqual(
        files.map(({ digest }) => digest),
        [last!.digest],
      );
      if (before) assert.equal(before.digest, last!.digest);
      const states = runs.map(({ state }) => state).join(' ');
      // One that was killed before it was entered is not there.
      const expected = before ? 'done unchanged' : runs.length === 1 ? 'done' : 'failed done';
      assert.equal(states, expected);
      for (const { id } of runs) assert.ok(!existsSync(join(tmpdir(), `daybook-${id}.report`)));
    }
  });
});

/** The files in a folder and below. */
async function filesIn(folder: string): Promise<{ name: string; digest: string }[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const names = entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  return Promise.all(
    names.map(async (name) => ({
      name,
      digest: createHash('sha256')
        .update(await readFile(name))
        .digest('hex'),
    })),
  );
}
