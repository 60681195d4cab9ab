/** Which windows a following daybook has said to be final, from its rows as ndjson. */
export class FinalWindows {
  /** Start of the latest final window, ms since the epoch; −∞ as long as there is none. */
  latest = -Infinity;
  #rest = '';
  #waiting: { readonly start: number; readonly seen: (atMs: number) => void }[] = [];

  /** Takes what daybook printed next. */
  take(text: string): void {
    const atMs = performance.now();
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop()!;
    for (const line of lines) {
      const row = JSON.parse(line) as { window_start: string | number; state: string };
      if (row.state === 'final') this.latest = Math.max(this.latest, instantOf(row.window_start));
    }
    const waiting = this.#waiting;
    this.#waiting = waiting.filter(({ start }) => start > this.latest);
    for (const { start, seen } of waiting) if (start <= this.latest) seen(atMs);
  }

  /**
   * Waits for the first row of a window, or of a later one, that is final.
   *
   * @returns When it was taken, in the time of `performance.now()`.
   */
  wait(start: number): Promise<number> {
    if (start <= this.latest) return Promise.resolve(performance.now());
    return new Promise((seen) => this.#waiting.push({ start, seen }));
  }
}

/** An instant as a report writes it: RFC 3339, or a bare number of ms. */
function instantOf(cell: string | number): number {
  return typeof cell === 'number' || /^-?[0-9]+$/.test(cell) ? Number(cell) : Date.parse(cell);
}
