import { cellText, withoutControls } from '../core/cell.ts';
import type { Outlet } from '../core/destination.ts';
import { formatInstant } from '../core/time.ts';
import { type WindowedReport, windowColumns } from '../core/windowed-report.ts';
import { stdoutOutlet } from '../destinations/stdout.ts';
import type { Follower } from '../pipeline/follow.ts';
import type { WindowRows } from '../pipeline/window-run.ts';
import { writers } from '../writers/index.ts';
import type { OutputOptions } from './options.ts';

/** How often the view is drawn at most, ms. */
const DRAW_MS = 100;
/** Lines of the terminal that are not rows: title, header, rule, what is left out, and the cursor's. */
const OTHER_LINES = 8;
const ESCAPE = '\u001b[';
const CLEAR_BELOW = `${ESCAPE}J`;
const DIM = `${ESCAPE}2m`;
const BOLD = `${ESCAPE}1m`;
const RESET = `${ESCAPE}0m`;
const HIDE_CURSOR = `${ESCAPE}?25l`;
const SHOW_CURSOR = `${ESCAPE}?25h`;
/** A control sequence, or a character that takes room. */
const PART = new RegExp(`${RegExp.escape(ESCAPE)}[0-9;?]*[A-Za-z]|.`, 'gu');

/** A terminal that shows the window that is filling, below the reports of those that are through. */
export class LiveView {
  /** Where reports go: above the view. */
  readonly outlet: Outlet;
  readonly #report: WindowedReport;
  readonly #follower: Follower;
  readonly #stream: NodeJS.WriteStream;
  readonly #names: string;
  #lines = 0;
  #drawn = Number.NEGATIVE_INFINITY;
  #pending: Promise<void> = Promise.resolve();

  /** A view of the report, where a person sees it: on a terminal, and unless another format is asked for. */
  static of(
    report: WindowedReport,
    follower: Follower,
    { format, output, files }: OutputOptions & { files: readonly string[] },
    stream: NodeJS.WriteStream = process.stdout,
  ): LiveView | undefined {
    if (!stream.isTTY || output !== undefined || (format ?? 'table') !== 'table') return undefined;
    return new LiveView(report, follower, files, stream);
  }

  constructor(
    report: WindowedReport,
    follower: Follower,
    files: readonly string[],
    stream: NodeJS.WriteStream,
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
      write: (text) => {
        const cleared = this.#cleared();
        this.#drawn = Number.NEGATIVE_INFINITY;
        return outlet.write(`${cleared}${text}\n`);
      },
      sync: () => outlet.sync(),
      close: () => outlet.close(),
    };
    stream.write(HIDE_CURSOR);
  }

  /** Draws the view anew, unless it was just drawn. */
  draw(): void {
    const now = performance.now();
    if (now - this.#drawn < DRAW_MS) return;
    this.#drawn = now;
    this.#pending = this.#pending.then(() => this.#draw());
  }

  close(): void {
    this.#stream.write(`${this.#cleared()}${SHOW_CURSOR}`);
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
    const current = this.#follower.current;
    const room = Math.max(3, (this.#stream.rows ?? 24) - OTHER_LINES);
    const rows = current?.rows ?? [];
    const shown = rows.slice(0, room);
    const body = current ? await this.render({ ...current, rows: shown }) : '';
    const more = rows.length > room ? `${DIM}… and ${rows.length - room} more${RESET}\n` : '';
    const text = `${this.#title(current?.window.end)}\n${body}${more}`;
    const width = this.#stream.columns ?? 80;
    const lines = text.split('\n').map((line) => fitted(line, width));
    this.#stream.write(`${this.#cleared()}${lines.join('\n')}`);
    this.#lines = lines.length - 1;
  }

  /** What is watched, how far it is, and when the next report is due. */
  #title(end: number | undefined): string {
    const { head } = this.#report;
    const { reached, books } = this.#follower;
    const name = `${BOLD}${head.report}${RESET} ${this.#names}`;
    if (end === undefined || !Number.isFinite(reached))
      return `${name}${DIM} · ${books.read} records · waiting for more${RESET}`;
    const at = formatInstant(reached, head.zone);
    const due = end > reached ? `next report in ${durationText(end - reached)}` : 'report is due';
    return `${name}${DIM} · ${books.read} records up to ${at} · ${due} of the log's time${RESET}`;
  }

  /** What takes the view off the terminal. */
  #cleared(): string {
    const up = this.#lines > 0 ? `${ESCAPE}${this.#lines}A` : '';
    this.#lines = 0;
    return `\r${up}${CLEAR_BELOW}`;
  }
}

/** A line cut to the width of the terminal: one that wraps could not be taken off again. */
function fitted(line: string, width: number): string {
  let left = width - 1;
  return line.replaceAll(PART, (part) => {
    if (part.startsWith(ESCAPE)) return part;
    left--;
    return left >= 0 ? part : '';
  });
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
