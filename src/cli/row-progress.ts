import type { Progress } from './progress.ts';

const DRAW_MS = 1000;
const CLEAR = '\r\u001b[K';

/**
 * Shows on standard error how many rows of a report have come, and for how long it has been asked for; nothing in a pipe.
 * Work that is done within a second needs no progress.
 *
 * @param now - Milliseconds from any instant on.
 */
export function rowProgress(
  report: string,
  stream: NodeJS.WritableStream & { isTTY?: boolean } = process.stderr,
  now: () => number = () => performance.now(),
): Progress | undefined {
  if (!stream.isTTY) return undefined;
  const started = now();
  let rows = 0;
  let isDrawn = false;
  const draw = () => {
    const so = rows === 0 ? 'waiting for the databases' : `${rows.toLocaleString('en-US')} rows`;
    stream.write(`${CLEAR}${report}: ${so}, ${Math.round((now() - started) / 1000)} s`);
    isDrawn = true;
  };
  const drawing = setInterval(draw, DRAW_MS).unref();
  return {
    update(count) {
      rows = count;
    },
    stop() {
      clearInterval(drawing);
      if (isDrawn) stream.write(CLEAR);
      isDrawn = false;
    },
  };
}
