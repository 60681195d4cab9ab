import assert from 'node:assert/strict';
import { appendFileSync, renameSync, writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { openBill, openTop } from '../../../src/index.ts';
import {
  type FollowReportOptions,
  followReport,
} from '../../../src/pipeline/follow/follow-report.ts';
import type { WindowRows } from '../../../src/pipeline/follow/window-run.ts';
import { writers } from '../../../src/writers/index.ts';
import { newFolder } from '../../support/live.ts';

const START = 1_600_000_000_000;
const HOUR = 3_600_000;

describe('followReport', () => {
  test('hands out the windows of a file as it grows, until a signal ends it', async () => {
    using folder = newFolder();
    const path = folder.at('app.log');
    writeFileSync(path, records(0, 12));
    const texts: string[] = [];
    const stop = new AbortController();
    const books = await followReport(await topOf(path), options(stop), async (window, table) => {
      const text = await Array.fromAsync(
        writers.text.render(table, { spreadsheetSafe: false, color: false }),
      );
      texts.push(text.join('').trim().split(' ').slice(2).join(' '));
      if (window.window.start === START) appendFileSync(path, `?\n${records(12, 25)}`);
      else stop.abort();
    });
    // What is not final would be lost otherwise.
    assert.deepEqual(texts, ['final Ada 10', 'final Ada 10', 'provisional Ada 5']);
    assert.deepEqual([books.read, books.counted, books.rejected], [26, 25, { 'field count': 1 }]);
  });

  test('hands out windows when their end has passed, unless only final ones are wanted', async () => {
    using folder = newFolder();
    const path = folder.at('app.log');
    writeFileSync(path, records(0, 31));
    for (const [provisional, states] of [
      [true, ['provisional', 'provisional', 'final']],
      [false, ['final']],
    ] as const) {
      const stop = new AbortController();
      const found: string[] = [];
      const report = openTop({ files: [path], follow: true, every: '10s', maxDisorder: '15s' });
      const checkpoint = folder.at(`state ${provisional}`);
      const asked = { ...options(stop), provisional, checkpoint };
      await followReport(await report, asked, async ({ state }) => {
        found.push(state);
        if (state === 'final') stop.abort();
      });
      assert.deepEqual(found.slice(0, states.length), states);
    }
  });

  test('goes on from a checkpoint, each log with its clock, where the file was rotated at midnight', async () => {
    using folder = newFolder();
    const [a, b] = [folder.at('a.log'), folder.at('b.log')];
    const checkpoint = folder.at('state');
    writeFileSync(a, '22:00:00 A Start\n23:59:50 A End\n02:00:00 A Start\n');
    writeFileSync(b, '22:30:00 B Start\n23:30:00 B End\n');
    const open = () => openBill({ files: [a, b], ...WINDOWS, every: '1h' });
    const told: WindowRows[] = [];
    const follow = async (hour: number) => {
      const stop = new AbortController();
      const asked = { ...options(stop), checkpoint, provisional: false };
      await followReport(await open(), asked, async (window) => {
        told.push(window);
        if (window.window.start === hour * HOUR) stop.abort();
      });
    };
    await follow(22);
    // While nobody looks, one passes midnight with its rotation, the other does in its file.
    renameSync(a, `${a}.1`);
    appendFileSync(`${a}.1`, '02:00:10 A End\n');
    writeFileSync(a, '03:00:00 A Start\n03:30:00 A End\n05:00:00 A Start\n05:00:01 A End\n');
    appendFileSync(b, '00:10:00 B Start\n01:10:00 B End\n05:00:00 B Start\n05:00:01 B End\n');
    await follow(24 + 4);
    const rows = told.flatMap(({ window, rows }) =>
      rows.map(([, , state, name, sessions, durationMs]) => [
        window.start / HOUR,
        ...[state, name, sessions, durationMs === null ? null : Number(durationMs) / 1000],
      ]),
    );
    assert.deepEqual(rows, [
      [22, 'final', 'A', 1, 3600],
      [22, 'final', 'B', 1, 1800],
      [23, 'final', 'A', 0, 3590],
      [23, 'final', 'B', 0, 1800],
      [24, 'final', 'B', 1, 3000],
      [25, 'final', 'B', 0, 600],
      [26, 'final', 'A', 1, 10],
      [27, 'final', 'A', 1, 1800],
      [28, 'final', null, null, null],
    ]);
  });

  test('hands out again the window for which what was done failed, and none before it', async () => {
    using folder = newFolder();
    const path = folder.at('app.log');
    writeFileSync(path, records(0, 45));
    const found: number[] = [];
    const asked = { checkpoint: folder.at('state') };
    const failing = followReport(
      await topOf(path),
      { ...options(new AbortController()), ...asked },
      async ({ window }) => {
        found.push((window.start - START) / 1000);
        if (found.length === 2) throw new Error('no room');
      },
    );
    await assert.rejects(failing, /no room/);
    const stop = new AbortController();
    await followReport(await topOf(path), { ...options(stop), ...asked }, async ({ window }) => {
      found.push((window.start - START) / 1000);
      if (found.at(-1) === 30) stop.abort();
    });
    assert.deepEqual(found, [0, 10, 10, 20, 30]);
  });

  test('hands out rejects, and tells what went wrong with one input', async () => {
    using folder = newFolder();
    const path = folder.at('app.log');
    writeFileSync(path, `${records(0, 5)}what\n${records(5, 12)}`);
    writeFileSync(folder.at('bad.log.gz'), Buffer.from([0x1f, 0x8b, 8, 0, 1, 2, 3]));
    const stop = new AbortController();
    const lines: number[] = [];
    const notes: string[] = [];
    const report = await openTop({ files: [folder.path], ...WINDOWS });
    await followReport(
      report,
      {
        signal: stop.signal,
        rejects: async (rejects) => void lines.push(...rejects.map(({ line }) => line)),
        onNote(note) {
          notes.push(note);
          stop.abort();
        },
      },
      async () => {},
    );
    assert.deepEqual(lines, [6]);
    assert.match(notes.join(), /bad\.log\.gz/);
  });

  test('refuses what was not opened to be followed, and the checkpoint of something else', async () => {
    using folder = newFolder();
    const path = folder.at('app.log');
    writeFileSync(path, records(0, 12));
    const never = async () => assert.fail('there is nothing to hand out');
    const stop = new AbortController();
    await assert.rejects(
      followReport(await openTop({ files: [path], every: '10s' }), options(stop), never),
      { code: 'USAGE', message: /only what was opened with `follow`/ },
    );
    await assert.rejects(
      followReport(await topOf('-'), { ...options(stop), checkpoint: folder.at('state') }, never),
      { code: 'USAGE', message: /standard input cannot be read again/ },
    );
    const checkpoint = folder.at('state');
    await followReport(await topOf(path), { ...options(stop), checkpoint }, async () =>
      stop.abort(),
    );
    const other = await openTop({ files: [path], ...WINDOWS, every: '20s' });
    await assert.rejects(followReport(other, { ...options(stop), checkpoint }, never), {
      code: 'USAGE',
      message: /checkpoint of something else/,
    });
  });
});

const WINDOWS = { follow: true, every: '10s', maxDisorder: '0s', idle: '1s' } as const;

function topOf(path: string) {
  return openTop({ files: [path], ...WINDOWS });
}

function options({ signal }: AbortController): FollowReportOptions {
  return { signal, onNote: (note) => assert.fail(note) };
}

/** A connection of Ada's each second, from one second on up to another. */
function records(from: number, to: number): string {
  return Array.from({ length: to - from }, (_, i) => `${START + (from + i) * 1000} Ada Bob\n`).join(
    '',
  );
}
