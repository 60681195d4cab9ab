import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  appendFileSync,
  closeSync,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { DAYBOOK, daybook } from '../support/cli.ts';
import { seededRandom } from '../support/random.ts';

const SECOND = 1000;
const START = 1_600_000_000_000;
/** Logs, each followed through several kills. */
const SEEDS = Number(process.env['DAYBOOK_KILL_SEEDS'] ?? 4);
const KILLS = 5;
const LINES = 4000;
const HOSTS = ['ant', 'bee', 'cat', 'constructor', 'dog', 'élan'];
const REPORT = ['--host', 'ant', '--every', '10s', '--max-disorder', '20s', '--follow'];

describe('follow', () => {
  for (let seed = 1; seed <= SEEDS; seed++) {
    test(`reports every window once through ${KILLS} kills (seed ${seed})`, async () => {
      const random = seededRandom(seed);
      const log = disorderedLog(random);
      const folder = mkdtempSync(join(tmpdir(), 'daybook-kill-'));
      const path = join(folder, 'app.log');
      const output = join(folder, 'out.txt');
      const rotates = seed % 2 === 0;
      const words = ['traffic', rotates ? `${path}*` : path, ...REPORT, '--idle', '1s'];
      words.push('--checkpoint', join(folder, 'state'), '--quiet');
      const onStdout = seed % 4 === 1;
      if (!onStdout) words.push('-o', output);
      let child: ReturnType<typeof spawn> | undefined;
      try {
        const expected = await finalsOfPipe(log);
        let at = 0;
        for (let kill = 0; kill <= KILLS; kill++) {
          const stdout = openSync(onStdout ? output : '/dev/null', 'a');
          child = spawn(process.execPath, [DAYBOOK, ...words], {
            stdio: ['ignore', stdout, 'ignore'],
          });
          closeSync(stdout);
          const closed = once(child, 'close');
          // The last one has something to tell.
          const most = kill === KILLS ? log.length : log.length - 500;
          const until = kill === KILLS ? most : at + Math.floor(random() * (LINES / 3));
          if (at === 0) appendFileSync(path, '');
          while (at < until && at < most) {
            const lines = Math.min(most - at, 1 + Math.floor(random() * 200));
            const text = log.slice(at, at + lines).join('');
            // A line is often written in two.
            const cut = Math.floor(random() * text.length);
            appendFileSync(path, text.slice(0, cut));
            if (random() < 0.5) await delay(random() * 5);
            appendFileSync(path, text.slice(cut));
            at += lines;
            if (rotates && random() < 0.1) rotate(path);
          }
          if (kill === KILLS) {
            await untilTold(output, expected.at(-1)!, child);
            child.kill('SIGTERM');
            assert.deepEqual(await closed, [0, null]);
          } else {
            await delay(random() * 400);
            child.kill('SIGKILL');
            await closed;
          }
        }
        const told = readFileSync(output, 'utf8').split(/(?<=\n)/);
        const reports = onStdout ? withoutRepeats(told) : told;
        assert.deepEqual(
          reports.filter((line) => !line.includes(' provisional ')),
          expected,
        );
      } finally {
        child?.kill('SIGKILL');
        rmSync(folder, { recursive: true });
      }
    });
  }
});

/** A log out of order by up to 20 s, and lines behind it that make all its windows final. */
function disorderedLog(random: () => number): string[] {
  const host = () => HOSTS[Math.floor(random() ** 2 * HOSTS.length)]!;
  const events = Array.from({ length: LINES }, (_, i) => {
    const time = START + i * 53;
    return { time, late: time + random() * 20 * SECOND, line: `${time} ${host()} ${host()}\n` };
  });
  const lines = events.sort((a, b) => a.late - b.late).map(({ line }) => line);
  const end = START + LINES * 53 + 60 * SECOND;
  return [...lines, `${end} ant bee\n`, `${end + 1} ant bee\n`];
}

/** The windows of the log as it comes out of a pipe that its last record makes final. */
async function finalsOfPipe(log: readonly string[]): Promise<string[]> {
  const { stdout } = await daybook(['traffic', '-', ...REPORT], { input: log.join('') });
  const watermark = Number(log.at(-1)!.split(' ')[0]) - 20 * SECOND;
  const finals = stdout.split(/(?<=\n)/).filter((line) => line.includes(' final '));
  return finals.filter((line) => Date.parse(line.split(' ')[1]!) <= watermark);
}

/** The lines without reports that stand there twice in a row, with the same bytes. */
function withoutRepeats(lines: readonly string[]): string[] {
  const reports: string[] = [];
  let last = '';
  for (const line of lines) {
    const report = line.split(' ', 3).join(' ');
    if (report === last) reports[reports.length - 1] += line;
    else reports.push(line);
    last = report;
  }
  // A report that follows on itself has twice its lines.
  const once = reports.map((text) => {
    const half = text.slice(0, text.length / 2);
    return half + half === text && half.endsWith('\n') ? half : text;
  });
  return once.join('').split(/(?<=\n)/);
}

/** Waits until a line stands in the output. */
async function untilTold(path: string, line: string, child: ReturnType<typeof spawn>) {
  for (let i = 0; i < 1200; i++) {
    if (existsSync(path) && readFileSync(path, 'utf8').includes(line)) return;
    assert.equal(child.exitCode, null, 'it goes on');
    await delay(50);
  }
  assert.fail(`never told: ${line}`);
}

let rotated = 0;

function rotate(path: string): void {
  renameSync(path, `${path}.${String(++rotated).padStart(6, '0')}`);
  appendFileSync(path, '');
}
