import type { SingleBar } from 'cli-progress';
import type { Input } from '../core/source.ts';

/** Progress of a scan, on a terminal. */
export interface Progress {
  /** How far it is: bytes read, or rows. */
  update(done: number): void;
  stop(): void;
}

/** Work that is done sooner needs no progress. */
const QUIET_MS = 1000;
const MEBIBYTE = 1 << 20;

/**
 * Shows bytes, rate and time left on standard error; nothing in a pipe or when told to be quiet.
 *
 * @param now - Milliseconds from any instant on.
 */
export function progressOf(
  inputs: readonly Pick<Input, 'sizeBytes'>[],
  { quiet }: { quiet?: boolean },
  stream: NodeJS.WritableStream & { isTTY?: boolean } = process.stderr,
  now: () => number = () => performance.now(),
): Progress | undefined {
  if (quiet || !stream.isTTY) return undefined;
  const started = now();
  const totalBytes = inputs.reduce((sum, { sizeBytes = Number.NaN }) => sum + sizeBytes, 0);
  let bar: SingleBar | undefined;
  let latest = { mebibytes: 0, rate: 0 };
  let opening = false;
  let stopped = false;
  const open = async () => {
    opening = true;
    const { default: cliProgress } = await import('cli-progress');
    if (stopped) return;
    const known = '{bar} {percentage}% of {total} MiB, {rate} MiB/s, {eta_formatted} left';
    const format = Number.isNaN(totalBytes) ? '{value} MiB, {rate} MiB/s' : known;
    const options = {
      format,
      clearOnComplete: true,
      hideCursor: true,
      etaBuffer: 50,
      stream,
    };
    bar = new cliProgress.SingleBar(options, cliProgress.Presets.shades_classic);
    const total = Number.isNaN(totalBytes) ? 0 : Math.ceil(totalBytes / MEBIBYTE);
    bar.start(total, latest.mebibytes, { rate: latest.rate });
  };
  return {
    update(bytesRead) {
      const elapsedMs = now() - started;
      if (elapsedMs > QUIET_MS && !opening) open().catch(() => {}); // Without progress the work goes on.
      const mebibytes = Math.floor(bytesRead / MEBIBYTE);
      latest = { mebibytes, rate: Math.round((mebibytes * 1000) / elapsedMs) };
      bar?.update(latest.mebibytes, { rate: latest.rate });
    },
    stop() {
      stopped = true;
      bar?.stop();
    },
  };
}
