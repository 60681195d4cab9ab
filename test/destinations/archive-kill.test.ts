import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import type { RenderedReport } from '../../src/core/archive.ts';
import { fileArchive } from '../../src/destinations/file-archive.ts';
import { by, renderedReports } from '../support/archive-suite.ts';
import { openBucket } from '../support/bucket.ts';
import { seededRandom } from '../support/random.ts';
import { needsS3 } from '../support/s3-server.ts';

const SEEDS = Number(process.env['DAYBOOK_KILL_SEEDS'] ?? 6);
const CHILD = join(import.meta.dirname, '../support/archive-child.ts');
const BYTES = 16 * 2 ** 20;
/** How often to look, 20 ms apart, for what a server is about to finish. */
const LOOKS = 250;

describe('a report whose process is killed', () => {
  const reports = renderedReports();

  test('is in its bucket whole or not at all', needsS3(), async (t) => {
    const ends: string[] = [];
    for (let seed = 0; seed < SEEDS; seed++) {
      const random = seededRandom(seed);
      const isInParts = seed % 2 === 1;
      await using use = await openBucket(
        isInParts ? { mostBytesAtOnce: 1, partBytes: 5 * 2 ** 20 } : {},
      );
      const report = reports.of(`${seed}`.repeat(BYTES));
      const begun = performance.now();
      await use.archive.put(report, 'measured', by('r'));
      const takesMs = performance.now() - begun;
      const { drafts } = await killed('s3', use.options, report, random() * 2 * takesMs);
      const { digest, sizeBytes } = report;
      for (const draft of drafts) await use.archive.clear(draft);
      const whole = isInParts ? ['k', 'k.parts/r'] : ['k'];
      // The server may be about to finish what the killed process has sent to its end.
      for (let looks = 1; ; looks++) {
        const found = await use.archive.find('k');
        const names = (await use.names()).filter((name) => !name.startsWith('measured'));
        if (isDeepStrictEqual(names, found ? whole : [])) break;
        assert.ok(looks < LOOKS, `seed ${seed}: ${names}`);
        await delay(20);
      }
      const found = await use.archive.find('k');
      ends.push(found ? 'whole' : 'none');
      if (found) assert.deepEqual(found, { digest, sizeBytes }, `seed ${seed}`);
      const again = await use.archive.put(report, 'k', by('again'));
      assert.equal(again, found ? 'unchanged' : 'written');
      assert.ok((await use.bytesAt('k')).equals(readFileSync(report.path)));
    }
    t.diagnostic(ends.join(' '));
  });

  test('is in its folder whole or not at all', async (t) => {
    const ends: string[] = [];
    for (let seed = 0; seed < SEEDS; seed++) {
      const random = seededRandom(seed);
      const folder = mkdtempSync(join(tmpdir(), 'daybook-test-'));
      const archive = fileArchive(folder);
      const report = reports.of(`${seed}`.repeat(BYTES));
      const { drafts } = await killed('file', folder, report, random() * 250);
      for (const draft of drafts) await archive.clear(draft);
      const found = await archive.find('k');
      ends.push(found ? 'whole' : 'none');
      if (found) assert.equal(found.digest, report.digest, `seed ${seed}`);
      assert.deepEqual(readdirSync(folder), found ? ['k'] : [], `seed ${seed}`);
      rmSync(folder, { recursive: true });
    }
    t.diagnostic(ends.join(' '));
  });
});

/** Puts a report in a process of its own, and kills that a while after it has begun. */
async function killed(kind: string, options: unknown, report: RenderedReport, afterMs: number) {
  const words = [CHILD, kind, JSON.stringify(options), JSON.stringify(report), 'k', 'r'];
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout });
  const told: string[] = [];
  lines.on('line', (line) => told.push(line));
  const ended = once(child, 'close');
  await once(lines, 'line');
  await delay(afterMs);
  child.kill('SIGKILL');
  await ended;
  return { drafts: told.flatMap((line) => /^draft (.*)$/.exec(line)?.[1] ?? []) };
}
