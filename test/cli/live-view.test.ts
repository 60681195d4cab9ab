import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { describe, test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { LiveView } from '../../src/cli/live-view.ts';
import { textWidth } from '../../src/writers/text-width.ts';
import { followed } from '../support/fake-live.ts';
import { type HostAt, logOf, minutely, sourceOf, T, TORN } from '../support/window-reports.ts';

const MINUTE = 60_000;
const FLAG = '\u{1f1eb}\u{1f1ee}';
const UP = '\u001b[';
const CLEAR = '\u001b[J';

describe('LiveView', () => {
  test('shows the window that is filling', async () => {
    const log: HostAt[] = [
      [T, 'a'],
      [T, 'a'],
    ];
    assert.deepEqual(await shownOf(log), [
      'top app.log · 2 records up to 2021-03-01T12:00:00Z · next report in 6m 0s',
      '2021-03-01T12:00:00Z – 2021-03-01T12:01:00Z filling',
      'host  connections',
      '────  ───────────',
      'a               2',
      '',
    ]);
    assert.match((await shownOf([[T, 'a']])).join('\n'), /waiting for records\n.* filling\n/);
  });

  test('shows a window that has ended until it is final, above the one that is filling', async () => {
    const lines = await shownOf([
      [T, 'a'],
      [T + MINUTE, 'b'],
      [T + 1, 'a'],
    ]);
    assert.deepEqual(lines.slice(1), [
      '2021-03-01T12:00:00Z – 2021-03-01T12:01:00Z provisional',
      'host  connections',
      '────  ───────────',
      'a               2',
      '2021-03-01T12:01:00Z – 2021-03-01T12:02:00Z filling',
      'host  connections',
      '────  ───────────',
      'b               1',
      '',
    ]);
  });

  test('shows as many windows that have ended as there is room for, and counts the others', async () => {
    const log = Array.from({ length: 5 }, (_, i): HostAt => [T + i * MINUTE, `host${i}`]);
    for (const [rows, told, hosts] of [
      [10, '… 4 more provisional', ['host4']],
      [24, '… 3 more provisional', ['host3', 'host4']],
      [40, '… 2 more provisional', ['host2', 'host3', 'host4']],
      [80, undefined, ['host0', 'host1', 'host2', 'host3', 'host4']],
    ] as const) {
      const lines = await shownOf(log, { rows });
      assert.equal(
        lines.find((line) => line.startsWith('…')),
        told,
      );
      assert.deepEqual(lines.filter((line) => /^host\d/.test(line)).map(firstWord), hosts);
    }
  });

  test('leaves out rows that have no room, and most of those of windows that have ended', async () => {
    const hosts = Array.from({ length: 50 }, (_, i) => `h${i}`);
    const log = [0, 1].flatMap((i) => hosts.map((host): HostAt => [T + i * MINUTE, host]));
    for (const rows of [1, 5, 12, 24, 25, 50]) {
      const lines = await shownOf(log, { rows });
      assert.ok(lines.length < Math.max(2, rows), `${lines.length} lines of ${rows}`);
      if (rows < 24) continue;
      const filling = lines.findIndex((line) => line.endsWith('filling'));
      assert.ok(filling <= rows / 2, `it has its half of ${rows}`);
      assert.match(lines[filling - 1]!, /^… and \d+ more$/);
      assert.match(lines.at(-2)!, /^… and \d+ more$/);
    }
  });

  test('does not take a torn time far ahead for the window that is filling', async () => {
    const lines = await shownOf([
      [T, 'a'],
      [T + 1, 'a'],
      [TORN[2466], 'torn'],
    ]);
    assert.deepEqual(
      lines.filter((line) => line.endsWith('filling')),
      ['2021-03-01T12:00:00Z – 2021-03-01T12:01:00Z filling'],
    );
  });

  test('cuts lines to the width of the terminal, never within a character', async () => {
    const names = ['日本'.repeat(9), FLAG.repeat(9), 'e\u0301'.repeat(20), '\u200bab'.repeat(9)];
    const log = names.map((name): HostAt => [T, name]);
    for (const columns of [2, 7, 8, 9, 10, 24]) {
      const lines = await shownOf(log, { columns, files: [`\u202e${'日'.repeat(30)}`] });
      for (const line of lines) assert.ok(textWidth(line) < columns, line);
      assert.ok(lines.includes('日本'.repeat(9).slice(0, (columns - 1) >> 1)));
      assert.ok(lines.includes(FLAG.repeat((columns - 1) >> 1).slice(0, 36)));
      assert.ok(lines.some((line) => line.startsWith('e\u0301') && line.endsWith('\u0301')));
      assert.ok(lines.join('').isWellFormed());
      assert.doesNotMatch(lines.join(''), /\u202e/);
    }
  });

  test('takes off all that it drew, for a report or at the end', async () => {
    const { view, written } = await viewOf([[T, 'a']], {});
    await view.draw();
    const drawn = written().split('\n').length - 1;
    await view.draw(); // too soon
    assert.equal(written(), '');
    await view.outlet.write('report\n');
    assert.equal(written(), `\r${UP}${drawn}A${CLEAR}report\n\n`);
    await view.draw();
    assert.match(written(), /filling/);
    await view.close();
    assert.ok(written().startsWith(`\r${UP}${drawn}A${CLEAR}`));
  });
});

interface Screen {
  rows?: number;
  columns?: number;
  files?: readonly string[];
}

/** The lines of a terminal on which a log is followed that may be five minutes out of order. */
async function shownOf(log: readonly HostAt[], screen: Screen = {}): Promise<string[]> {
  const { view, written } = await viewOf(log, screen);
  await view.draw();
  return stripVTControlCharacters(written().split(CLEAR).at(-1)!)
    .split('\n')
    .map((line) => line.trimEnd());
}

async function viewOf(
  log: readonly HostAt[],
  { files = ['app.log'], rows = 24, columns = 80 }: Screen,
): Promise<{ view: LiveView; written: () => string }> {
  const report = minutely('5m');
  const { follower } = await followed(report, sourceOf(logOf(...log)), {
    provisional: false,
    onStep: ({ books }) => books.read === log.length,
  });
  let text = '';
  const stream = new Writable({
    write(chunk, _encoding, done) {
      text += chunk;
      done();
    },
  });
  const terminal = Object.assign(stream, { isTTY: true, columns, rows });
  const { windowed } = await report;
  const view = new LiveView(windowed!, follower, files, terminal as unknown as NodeJS.WriteStream);
  return {
    view,
    written() {
      const fresh = text;
      text = '';
      return fresh;
    },
  };
}

function firstWord(line: string): string {
  return line.split(' ')[0]!;
}
