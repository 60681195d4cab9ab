import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';

/** What is to be sent, and how often. */
export interface PacedLoad {
  readonly connections: number;
  /** As fast as it is answered if infinite. */
  readonly perSecond: number;
  /** How long it is measured, after the time to warm up. */
  readonly seconds: number;
}

/** What a load came to, in a stretch of ten seconds or as a whole. */
export interface Figures {
  readonly of: 'stretch' | 'whole';
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** How many were sent so far, also while it warmed up. */
  readonly sent: number;
  /** How many of these were not answered with success. */
  readonly failed: number;
}

const STRETCH_MS = 10_000;
const WARM_UP_MS = 3000;
/** How late timers of Node.js are by themselves. */
const TIMER_MS = 2;

/**
 * Sends at fixed moments, whatever becomes of what was sent before, and prints figures as JSON, a line for each stretch and
 * one for the whole. While all connections wait for an answer, what falls due is late, and all of that counts as delay.
 *
 * @param send - Sends the one of an index, over a connection that waits for no other answer. Returns whether it was
 *   answered with success.
 */
export async function paced(
  { connections, perSecond, seconds }: PacedLoad,
  send: (index: number, connection: number) => Promise<boolean>,
): Promise<void> {
  const began = performance.now();
  const measured = began + WARM_UP_MS;
  const end = measured + seconds * 1000;
  const [stretch, whole] = [createHistogram(), createHistogram()];
  let told = measured;
  let sent = 0;
  let failed = 0;
  const tell = (of: Figures['of'], delays: RecordableHistogram, since: number): void => {
    const figures: Figures = {
      ...{ of, perSecond: (1000 * delays.count) / (Math.min(performance.now(), end) - since) },
      ...{ p50Ms: delays.percentile(50) / 1000, p99Ms: delays.percentile(99) / 1000 },
      ...{ sent, failed },
    };
    process.stdout.write(`${JSON.stringify(figures)}\n`);
  };
  const tellStretch = (): void => {
    tell('stretch', stretch, told);
    told = performance.now();
    whole.add(stretch);
    stretch.reset();
  };
  const connect = async (connection: number): Promise<void> => {
    while (true) {
      const now = performance.now();
      const due = perSecond === Infinity ? now : began + (1000 * sent) / perSecond;
      if (Math.max(due, now) >= end) return;
      const index = sent++;
      if (due > now) await sleep(due - now);
      const at = performance.now();
      // That a timer is coarse is no delay of the server's, and would hide how small these are while it idles.
      const from = due > now && at - due < TIMER_MS ? at : due;
      if (!(await send(index, connection))) failed++;
      if (from >= measured)
        stretch.record(Math.max(1, Math.round(1000 * (performance.now() - from))));
    }
  };
  const done = Promise.all(
    Array.from({ length: connections }, (_, connection) => connect(connection)),
  );
  for (let after = STRETCH_MS; after < seconds * 1000; after += STRETCH_MS) {
    await sleep(measured + after - performance.now());
    tellStretch();
  }
  await done;
  tellStretch();
  tell('whole', whole, measured);
}
