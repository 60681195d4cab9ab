/** Draws a terminal on which traffic is followed, as the live view shows it: docs/live.svg. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { LiveView } from '../src/cli/live-view.ts';
import { loadJob } from '../src/core/job.ts';
import { openTraffic } from '../src/open/open-connections.ts';
import { Follower } from '../src/pipeline/follow/follow.ts';
import { finishedInputs } from '../src/pipeline/read/finished-inputs.ts';

const COLUMNS = 92;
const ROWS = 22;
const LINE = 18;
const COLUMN = 8.4;
const PAD = 20;
const ESCAPE = '\u001b[';
const LOG = 'connections.log';

const folder = mkdtempSync(join(tmpdir(), 'daybook-picture-'));
try {
  process.chdir(folder);
  const daybook = join(import.meta.dirname, '../bin/daybook.js');
  const words = 'connections --rows 1500 --names 6 --start 2026-03-02T09:00:00Z --span 26s';
  execFileSync(process.execPath, [daybook, 'generate', ...words.split(' '), '-o', LOG]);
  writeFileSync(join(import.meta.dirname, '../docs/live.svg'), drawing(await screen()));
} finally {
  rmSync(folder, { recursive: true });
}

/** The lines of the terminal when all that was written was read. */
async function screen(): Promise<string[]> {
  const shown: string[] = [];
  const stream = {
    isTTY: true,
    columns: COLUMNS,
    rows: ROWS,
    on() {},
    off() {},
    write(text: string, taken?: () => void) {
      shown.push(text);
      taken?.();
      return true;
    },
  } as unknown as NodeJS.WriteStream;
  const request = { files: [LOG], host: busiest(), every: '10s', maxDisorder: '10s' };
  const report = (await openTraffic({ ...request, limit: 3 })).windowed!;
  const job = await loadJob(report.job);
  const inputs = (await openTraffic(request)).inputs;
  const follower = new Follower(report, job, finishedInputs(job.sources, inputs), {
    idleMs: Infinity,
    provisional: false,
    keepRejects: false,
    onNote: () => {},
    signal: new AbortController().signal,
  });
  const view = new LiveView(report, follower, [LOG], stream);
  for await (const { reports } of follower.steps()) {
    for (const window of reports) await view.outlet.write(await view.render(window));
    await view.draw();
    break; // Before the end of the file makes all windows final.
  }
  const frames = shown.map((text) => text.split(`${ESCAPE}J`).at(-1)!);
  return frames.join('').trimEnd().split('\n');
}

/** The host of the first connection. */
function busiest(): string {
  const top = execFileSync(process.execPath, [
    join(import.meta.dirname, '../bin/daybook.js'),
    ...['top', LOG, '--limit', '1'],
  ]);
  return top.toString().split(' ')[0]!;
}

function drawing(lines: readonly string[]): string {
  const width = COLUMNS * COLUMN + 2 * PAD;
  const height = lines.length * LINE + 2 * PAD;
  const text = lines.map((line, i) => {
    const y = PAD + (i + 1) * LINE - 4;
    return `  <text x="${PAD}" y="${y}" xml:space="preserve">${styled(line)}</text>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="A terminal that shows traffic as it is written">`,
    `  <style>text { font: 14px ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; fill: #d8dee9 } .b { font-weight: bold; fill: #fff } .d { fill: #7b88a1 }</style>`,
    `  <rect width="${width}" height="${height}" rx="10" fill="#1b2130"/>`,
    ...text,
    '</svg>\n',
  ].join('\n');
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}

/** A line with what is bold and what is dim. */
function styled(line: string): string {
  const parts = line.split(new RegExp(`(?=${RegExp.escape(ESCAPE)})`));
  return parts
    .map((part) => {
      const content = escaped(stripVTControlCharacters(part));
      if (content === '') return '';
      if (part.startsWith(`${ESCAPE}1m`)) return `<tspan class="b">${content}</tspan>`;
      if (part.startsWith(`${ESCAPE}2m`)) return `<tspan class="d">${content}</tspan>`;
      return content;
    })
    .join('');
}
