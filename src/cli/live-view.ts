import { cellText, withoutControls } from '../core/cell.ts';
import type { Outlet } from '../core/destination.ts';
import type { Row } from '../core/table.ts';
import { SECOND } from '../core/time.ts';
import { type WindowedReport, windowColumns } from '../core/windowed-report.ts';
import { stdoutOutlet } from '../destinations/stdout.ts';
import type { Follower } from '../pipeline/follow/follow.ts';
import type { WindowRows } from '../pipeline/follow/window-run.ts';
import { writers } from '../writers/index.ts';
import { cutText, textWidth } from '../writers/text-width.ts';
import type { WindowPrinter } from './window-printer.ts';

/** How often the view is drawn at most, ms; less often where drawing takes long. */
const DRAW_MS = 100;
/** Share of the time that may go into that. */
const DRAW_SHARE = 0.2;
/** Lines of the terminal that are no window's: title, how many are left out, the cursor's, and one to spare. */
const OTHER_LINES = 4;
/** Lines of a window that are not rows: its time, header, rule, and how many are left out. */
const FRAME_LINES = 4;
/** Lines for a window that has ended, at least: with less there is no room for any. */
const FEWEST_LINES = FRAME_LINES + 3;
const ESCAPE = '\u001b[';
const CLEAR_BELOW = `${ESCAPE}J`;
const DIM = `${ESCAPE}2m`;
const BOLD = `${ESCAPE}1m`;
const RESET = `${ESCAPE}0m`;
const HIDE_CURSOR = `${ESCAPE}?25l`;
const SHOW_CURSOR = `${ESCAPE}?25h`;
/** Terminals disagree how wide some characters are: what is too wide for one is cut, and takes no second line. */
const NO_WRAP = `${ESCAPE}?7l`;
const WRAP = `${ESCAPE}?7h`;
const CONTROL = new RegExp(`(${RegExp.escape(ESCAPE)}[0-9;?]*[A-Za-z])`);

/** A terminal that shows the windows that are not final, below the reports of those that are. */
export class LiveView implements WindowPrinter {
  /** Where reports go: above the view. */
  readonly outlet: Outlet;
  readonly #report: WindowedReport;
  readonly #follower: Follower;
  readonly #stream: NodeJS.WriteStream;
  readonly #names: string;
  #lines = 0;
  #drawAt = Number.NEGATIVE_INFINITY;

  constructor(
    report: WindowedReport,
    follower: Follower,
    files: readonly string[],
    stream: NodeJS.WriteStream = process.stdout,
  ) {
    this.#report = report;
    this.#follower = follower;
    this.#stream = stream;
    this.#names = withoutControls(files.join(', '));
    const outlet = stdoutOutlet(stream);
    this.outlet = {
      get sizeBytes() {
        return outlet.sizeBytes;
      },
      get isClosed() {
        return outlet.isClosed;
      },
      write: (text) => {
        const cleared = this.#cleared();
        this.#drawAt = Number.NEGATIVE_INFINITY;
        return outlet.write(`${cleared}${text}\n`);
      },
      sync: () => outlet.sync(),
      close: () => outlet.close(),
    };
    stream.write(HIDE_CURSOR);
  }

  /** Draws the view anew, unless it was just drawn. */
  async draw(): Promise<void> {
    const begun = performance.now();
    if (begun < this.#drawAt) return;
    await this.#draw();
    this.#drawAt = begun + Math.max(DRAW_MS, (performance.now() - begun) / DRAW_SHARE);
  }

  close(): Promise<void> {
    this.#stream.write(`${this.#cleared()}${SHOW_CURSOR}`);
    return this.outlet.close();
  }

  /** A window as a person sees it: its time once, above the rows. */
  async render({ rows, state }: WindowRows): Promise<string> {
    const { head } = this.#report;
    const own = windowColumns().length;
    const [start, end] = head.columns.map((column, i) =>
      cellText(rows[0]?.[i] ?? null, column, head),
    );
    const table = {
      ...head,
      columns: head.columns.slice(own),
      rows: [rows.map((row) => row.slice(own)).filter((row) => row.some((cell) => cell !== null))],
      notes: [],
      books: this.#follower.books,
    };
    const pieces = writers.table.render(table, { spreadsheetSafe: false, color: true });
    const body = (await Array.fromAsync(pieces)).join('');
    return `${BOLD}${start} – ${end}${RESET} ${DIM}${state}${RESET}\n${body}`;
  }

  async #draw(): Promise<void> {
    const { rows = 24, columns = 80 } = this.#stream;
    const text = `${this.#title()}\n${await this.#windows(rows - OTHER_LINES)}`;
    const lines = text.split('\n', Math.max(1, rows - 1)).map((line) => fitted(line, columns));
    this.#stream.write(`${this.#cleared()}${NO_WRAP}${lines.join('\n')}${WRAP}`);
    this.#lines = lines.length - 1;
  }

  /** The last windows that have ended, in half of the room at most, and below them the one that is filling. */
  async #windows(room: number): Promise<string> {
    const { open, reached } = this.#follower;
    const ended = open.filter(({ end }) => end <= reached);
    // Not the last one: a torn line may be far ahead.
    const filling = open.find(({ end }) => end > reached);
    const half = Math.floor(room / 2);
    const left = Math.max(0, ended.length - Math.max(0, Math.floor(half / FEWEST_LINES)));
    const shown = ended.slice(left);
    const pieces: string[] = [];
    for (const window of shown)
      pieces.push(await this.#part(this.#follower.soFar(window), half / shown.length));
    if (filling) {
      const lines = room - (pieces.join('').split('\n').length - 1);
      pieces.push(await this.#part({ ...this.#follower.soFar(filling), state: 'filling' }, lines));
    }
    const before = left > 0 ? `${DIM}… ${left} more provisional${RESET}\n` : '';
    return before + pieces.join('');
  }

  /** As much of a window as has room in so many lines. */
  async #part(window: WindowRows, lines: number): Promise<string> {
    const { rows } = window;
    const shown = mostTelling(rows, Math.max(3, Math.floor(lines) - FRAME_LINES));
    const left = rows.length - shown.length;
    const more = left > 0 ? `${DIM}… and ${left} more${RESET}\n` : '';
    return (await this.render({ ...window, rows: shown })) + more;
  }

  /** What is watched, how far it is, and when the next report is due. */
  #title(): string {
    const { head } = this.#report;
    const { reached, books, dueAt } = this.#follower;
    const name = `${BOLD}${head.report}${RESET} ${this.#names}`;
    if (!Number.isFinite(reached)) return `${name}${DIM} · waiting for records${RESET}`;
    const [column] = windowColumns(head.columns[0]!.kind);
    const at = cellText(reached - (reached % SECOND), column!, head);
    const due = dueAt > reached ? `next report in ${durationText(dueAt - reached)}` : '';
    return `${name}${DIM} · ${books.read} records up to ${at}${due && ` · ${due}`}${RESET}`;
  }

  /** What takes the view off the terminal. */
  #cleared(): string {
    const up = this.#lines > 0 ? `${ESCAPE}${this.#lines}A` : '';
    this.#lines = 0;
    return `\r${up}${CLEAR_BELOW}`;
  }
}

/** Of many rows the first ones, of each section as many. */
function mostTelling(rows: readonly Row[], room: number): Row[] {
  if (rows.length <= room) return [...rows];
  const section = windowColumns().length;
  const sections = Map.groupBy(rows, (row) => row[section]);
  if (sections.size > room) return rows.slice(0, room); // of no sections: each row is its own
  const share = Math.floor(room / sections.size);
  return [...sections.values()].flatMap((rows) => rows.slice(0, share));
}

/** A line cut to the width of the terminal: one that wraps could not be taken off again. */
function fitted(line: string, width: number): string {
  let left = width - 1;
  const parts = line.split(CONTROL).map((part) => {
    if (part.startsWith(ESCAPE)) return part;
    const shown = cutText(part, left);
    left = shown === part ? left - textWidth(part) : 0;
    return shown;
  });
  return parts.join('');
}

/** A duration for people: the two largest units it has. */
function durationText(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  const parts = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor(seconds / 3600) % 24, 'h'],
    [Math.floor(seconds / 60) % 60, 'm'],
    [seconds % 60, 's'],
  ] as const;
  const from = parts.findIndex(([count]) => count > 0);
  return parts
    .slice(Math.max(0, from), Math.max(0, from) + 2)
    .map(([count, unit]) => `${count}${unit}`)
    .join(' ');
}
