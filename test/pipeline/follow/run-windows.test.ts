import assert from 'node:assert/strict';
import { existsSync, readdirSync, readlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { openBill } from '../../../src/open/open-bill.ts';
import { openTop } from '../../../src/open/open-connections.ts';
import { runReport } from '../../../src/pipeline/batch/run-report.ts';
import { filesOf } from '../../support/bill.ts';
import { shownReport } from '../../support/report.ts';
import { T } from '../../support/window-reports.ts';

const OPEN_FILES = '/proc/self/fd';

describe('windows of finished inputs', () => {
  test('tell of their progress up to the last byte', async () => {
    const logs = [0, 1, 2].map((offset) => connectionsOf(9000, offset));
    const contents = [logs[0]!, gzipSync(logs[1]!), logs[2]!];
    using files = filesOf({
      'a.log': contents[0]!,
      'b.log.gz': contents[1]!,
      'c.log': contents[2]!,
    });
    const progress: number[] = [];
    const onProgress = (bytes: number) => progress.push(bytes);
    const { books } = await shownReport(openTop({ files: files.paths, every: '1h' }), {
      onProgress,
    });
    assert.equal(books.counted, 27_000);
    assert.ok(progress.length >= files.paths.length);
    assert.ok(progress.every((bytes, i) => i === 0 || bytes >= progress[i - 1]!));
    assert.equal(
      progress.at(-1),
      contents.reduce((sum, { length }) => sum + length, 0),
    );
  });

  test('of a bill tell of their progress, also in the second reading', async () => {
    const logs = [sessionsOf(9000, 0), sessionsOf(9000, 9000)];
    using files = filesOf({ 'app.1.log': logs[0]!, 'app.2.log': logs[1]! });
    const progress: number[] = [];
    const onProgress = (bytes: number) => progress.push(bytes);
    const { books } = await shownReport(openBill({ files: files.paths, every: '1h' }), {
      onProgress,
    });
    assert.equal(books.counted, 18_000);
    const last = progress.slice(-3);
    assert.deepEqual(
      last,
      last.toSorted((a, b) => a - b),
    );
    assert.equal(last.at(-1), logs.join('').length);
  });

  const skip = existsSync(OPEN_FILES) ? false : `no ${OPEN_FILES} on this machine`;
  test('leave no file open where nobody reads them to their end', { skip }, async () => {
    using files = filesOf({ 'a.log': connectionsOf(9000, 0), 'b.log': connectionsOf(9000, 1) });
    const folder = dirname(files.paths[0]!);
    const report = await openTop({ files: files.paths, every: '1s' });
    const made = runReport(report, { threads: 1 }, async ({ rows }) => {
      for await (const _ of rows) break;
      assert.equal(openIn(folder), 2);
      throw new Error('enough');
    });
    await assert.rejects(made, /enough/);
    assert.equal(openIn(folder), 0);
  });
});

/** How many files of a folder this process has open. */
function openIn(folder: string): number {
  const targets = readdirSync(OPEN_FILES).map((fd) => {
    try {
      return readlinkSync(`${OPEN_FILES}/${fd}`);
    } catch {
      return ''; // What was listed may be closed by now, as the listing itself is.
    }
  });
  return targets.filter((target) => target.startsWith(`${folder}/`)).length;
}

/** A connection every second. */
function connectionsOf(count: number, offsetMs: number): string {
  const lines = Array.from({ length: count }, (_, i) => `${T + offsetMs + i * 1000} ant bee\n`);
  return lines.join('');
}

/** A Start or an End every second, of users in turn. */
function sessionsOf(count: number, from: number): string {
  const lines = Array.from({ length: count }, (_, i) => {
    const clock = new Date((from + i) * 1000).toISOString().slice(11, 19);
    return `${clock} user${(i >> 1) % 7} ${i % 2 === 0 ? 'Start' : 'End'}\n`;
  });
  return lines.join('');
}
