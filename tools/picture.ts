/** Draws the sessions behind the README's bill: docs/sessions.svg. Usage: node tools/picture.ts */
import { writeFileSync } from 'node:fs';
import { type Cell, openBill, runReport } from '../src/index.ts';

const LOG = 'examples/sessions.log';
const WIDTH = 860;
const LEFT = 96;
const RIGHT = 40;
const LANE = 30;
const BAR = 18;
const TOP = 58;
const COLORS: Readonly<Record<string, string>> = { ALICE99: '#2563eb', CHARLIE: '#c2410c' };

interface Session {
  readonly name: string;
  readonly start: number;
  readonly end: number;
  readonly startAssumed: boolean;
  readonly endAssumed: boolean;
}

const sessions: Session[] = [];
await runReport(await openBill({ files: [LOG], explain: true }), { threads: 1 }, async (table) => {
  for await (const rows of table.rows) for (const row of rows) sessions.push(sessionOf(row));
});
writeFileSync('docs/sessions.svg', drawing(sessions));

function sessionOf([name, start, end, , startBasis, endBasis]: readonly Cell[]): Session {
  return {
    name: String(name),
    start: Number(start),
    end: Number(end),
    startAssumed: startBasis !== 'record',
    endAssumed: endBasis !== 'record',
  };
}

function drawing(all: readonly Session[]): string {
  const first = Math.min(...all.map(({ start }) => start));
  const last = Math.max(...all.map(({ end }) => end));
  const x = (time: number) => LEFT + ((time - first) / (last - first)) * (WIDTH - LEFT - RIGHT);
  const users = Map.groupBy(
    all.toSorted((a, b) => a.name.localeCompare(b.name) || a.start - b.start || a.end - b.end),
    ({ name }) => name,
  );
  const height = TOP + all.length * LANE + users.size * 10 + 46;
  let y = TOP;
  let body = '';
  for (const [name, own] of users) {
    const seconds = own.reduce((sum, { start, end }) => sum + (end - start) / 1000, 0);
    body += `<text x="16" y="${y + 13}" class="name">${name}</text>`;
    body += `<text x="16" y="${y + 31}" class="quiet">${own.length} sessions</text>`;
    body += `<text x="16" y="${y + 47}" class="quiet">${seconds} s</text>`;
    for (const session of own) {
      body += bar(session, x, y);
      y += LANE;
    }
    y += 10;
  }
  const ticks = Array.from({ length: 6 }, (_, i) => first + ((last - first) * i) / 5);
  const axis = ticks.map(
    (time) =>
      `<line x1="${x(time)}" y1="${TOP - 12}" x2="${x(time)}" y2="${y}" class="grid"/>` +
      `<text x="${x(time)}" y="${y + 16}" text-anchor="middle" class="quiet">${clock(time)}</text>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="The sessions of ${LOG}: a bar each, from Start to End; where one is missing, the bar reaches to the log's first or last record">
<style>text{font:13px system-ui,sans-serif;fill:#1f2937}.name{font-weight:600}.quiet{font-size:12px;fill:#6b7280}.grid{stroke:#e5e7eb}</style>
<rect width="100%" height="100%" rx="8" fill="#fff"/>
<text x="16" y="26" font-weight="600">daybook bill ${LOG} --explain</text>
<text x="${WIDTH - RIGHT}" y="26" text-anchor="end" class="quiet">● a record    ○ assumed: the log's first or last record</text>
${axis.join('')}
${body}
</svg>
`;
}

function bar(
  { name, start, end, startAssumed, endAssumed }: Session,
  x: (time: number) => number,
  y: number,
): string {
  const color = COLORS[name] ?? '#475569';
  const width = Math.max(x(end) - x(start), 1);
  const dot = (at: number, assumed: boolean) =>
    `<circle cx="${x(at)}" cy="${y + BAR / 2}" r="5" stroke="${color}" stroke-width="2" fill="${assumed ? '#fff' : color}"/>`;
  const label = `${(end - start) / 1000} s`;
  const [at, anchor] =
    width > 60
      ? [x(start) + width / 2, 'middle']
      : x(end) + 60 < WIDTH
        ? [x(end) + 12, 'start']
        : [x(start) - 12, 'end'];
  return (
    `<rect x="${x(start)}" y="${y}" width="${width}" height="${BAR}" fill="${color}" fill-opacity="0.22"/>` +
    dot(start, startAssumed) +
    dot(end, endAssumed) +
    `<text x="${at}" y="${y + 13}" text-anchor="${anchor}">${label}</text>`
  );
}

function clock(ms: number): string {
  return new Date(ms).toISOString().slice(11, 19);
}
