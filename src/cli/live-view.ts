import { cellText, withoutControls } from '../core/cell.ts';
import type { Outlet } from '../core/destination.ts';
import type { Row } from '../core/table.ts';
import { SECOND } from '../core/time.ts';
import { type WindowedReport, windowColumns } from '../core/windowed-report.ts';
import { stdoutOutlet } from '../destinations/stdout.ts';
import type { Follower } from '../pipeline/follow.ts';
import type { WindowRows } from '../pipeline/window-run.ts';
import { writers } from '../writers/index.ts';
import type { WindowPrinter } from './window-printer.ts';

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
export class LiveView implements WindowPrinter {
  /** Where reports go: above the view. */
  readonly outlet: Outlet;
  readonly #report: WindowedReport;
  readonly #follower: Follower;
  readonly #stream: NodeJS.WriteStream;
  readonly #names: string;
  #lines = 0;
  #drawn = Number.NEGATIVE_INFINITY;

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
        this.#drawn = Number.NEGATIVE_INFINITY;
        return outlet.write(`${cleared}${text}\n`);
      },
      sync: () => outlet.sync(),
      close: () => outlet.close(),
    };
    stream.write(HIDE_CURSOR);
  }

  /** Draws the view anew, unless it was just drawn. */
  async draw(): Promise<void> {
    const now = performance.now();
    if (now - this.#drawn < DRAW_MS) return;
    this.#drawn = now;
    await this.#draw();
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
    const current = this.#follower.current;
    const room = Math.max(3, (this.#stream.rows ?? 24) - OTHER_LINES);
    const rows = current?.rows ?? [];
    const shown = mostTelling(rows, room);
    const body = current ? await this.render({ ...current, rows: shown }) : '';
    const more =
      rows.length > shown.length ? `${DIM}… and ${rows.length - shown.length} more${RESET}\n` : '';
    const text = `${this.#title()}\n${body}${more}`;
    const width = this.#stream.columns ?? 80;
    const height = Math.max(1, (this.#stream.rows ?? 24) - 1);
    const lines = text.split('\n', height).map((line) => fitted(line, width));
    this.#stream.write(`${this.#cleared()}${lines.join('\n')}`);
    this.#lines = lines.length - 1;
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
