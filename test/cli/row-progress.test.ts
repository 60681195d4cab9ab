import assert from 'node:assert/strict';
import { PassThrough } from 'node:stream';
import { describe, test } from 'node:test';
import { rowProgress } from '../../src/cli/row-progress.ts';

describe('rowProgress', () => {
  test('shows that databases are waited for, then how many rows have come, and wipes that out', (t) => {
    t.mock.timers.enable({ apis: ['setInterval'] });
    let now = 0;
    const stream = terminal();
    const progress = rowProgress('active-users', stream, () => now)!;
    const shown = () => stream.read()?.toString() ?? null;
    t.mock.timers.tick(900);
    assert.equal(shown(), null);
    now = 1000;
    t.mock.timers.tick(100);
    assert.equal(shown(), '\r\u001b[Kactive-users: waiting for the databases, 1 s');
    progress.update(12_345);
    now = 2000;
    t.mock.timers.tick(1000);
    assert.equal(shown(), '\r\u001b[Kactive-users: 12,345 rows, 2 s');
    progress.stop();
    progress.stop();
    t.mock.timers.tick(5000);
    assert.equal(shown(), '\r\u001b[K');
  });

  test('shows nothing of work that is done soon, or in a pipe', () => {
    const stream = terminal();
    rowProgress('active-users', stream)!.stop();
    assert.equal(stream.read(), null);
    assert.equal(rowProgress('active-users', new PassThrough()), undefined);
  });
});

function terminal(): PassThrough & { isTTY: boolean } {
  return Object.assign(new PassThrough(), { isTTY: true });
}
