import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, test } from 'node:test';
import { DAYBOOK } from '../support/cli.ts';
import { KeptStore } from '../support/kept-store.ts';

const FILES = 60;
const KILLS = Number(process.env['DAYBOOK_KILL_SEEDS'] ?? 4);

describe('a replay that is killed', () => {
  test('has counted every stretch wholly or not at all, and can be run again', async () => {
    const rows = Array.from({ length: 50 }, (_, i) => `acme,upload,2021-03-01 00:${10 + i}:00,1\n`);
    const files = Array.from({ length: FILES }, (_, i) => [
      `${i}.csv`,
      `${i},x,2021-03-01T00:00:00Z,1\n${rows.join('')}`,
    ]);
    using kept = new KeptStore(Object.fromEntries(files));
    await kept.ingest();
    kept.configure({ tz: 'UTC' });
    const words = [DAYBOOK, 'rejects', '--replay', '-c', kept.config];
    for (let kill = 1; kill <= KILLS; kill++) {
      const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] });
      const exited = once(child, 'exit');
      let lines = 0;
      child.stdout.on('data', (text: Buffer) => {
        lines += text.toString().split('\n').length - 1;
        if (lines >= kill * 2) child.kill('SIGKILL');
      });
      await exited;
      const { books, minutes } = await kept.shown();
      const counts = books.map((text) => (JSON.parse(text) as { counted: number }).counted);
      assert.ok(
        counts.every((counted) => counted === 1 || counted === 51),
        `${counts}`,
      );
      const inMinutes = minutes.reduce((sum, minute) => sum + Number(minute.split(' ')[3]), 0);
      assert.equal(
        inMinutes,
        counts.reduce((sum, counted) => sum + counted, 0),
      );
    }
    await kept.replay();
    assert.equal((await kept.shown()).events.length, FILES * 51);
  });
});
