import assert from 'node:assert/strict';
import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, test } from 'node:test';
import { progressOf } from '../../src/cli/progress.ts';
import type { Input } from '../../src/core/source.ts';

const MIB = 1 << 20;
const FILE: Input = {
  name: 'app.log',
  source: 'file',
  sizeBytes: 100 * MIB,
  encoding: 'plain',
  splittable: true,
  replayable: true,
};

describe('progressOf', () => {
  test('shows share, rate and time left of work over a second', async () => {
    let now = 0;
    const stream = terminal();
    const progress = progressOf([FILE], {}, stream, () => now)!;
    now = 900;
    progress.update(30 * MIB);
    assert.equal(stream.read(), null);
    now = 2000;
    progress.update(40 * MIB);
    const drawn = text(stream);
    await once(stream, 'data'); // the bar is drawn once it is loaded
    progress.stop();
    stream.end();
    assert.match(await drawn, /40% of 100 MiB, 20 MiB\/s, .* left/);
  });

  test('shows nothing in a pipe, or when told to be quiet', () => {
    assert.equal(progressOf([FILE], {}, new PassThrough()), undefined);
    assert.equal(progressOf([FILE], { quiet: true }, terminal()), undefined);
  });
});

function terminal(): PassThrough & { isTTY: boolean } {
  return Object.assign(new PassThrough(), { isTTY: true, columns: 80, rows: 24 });
}
