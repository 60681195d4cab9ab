import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { booksOf } from '../core/books.ts';
import { SECOND } from '../core/time.ts';
import type { ServerContext } from './api.ts';
import { completeThrough } from './completeness.ts';

/** From a millisecond to ten seconds. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/**
 * Measures what comes into the store: how long commits take as they are made, all else as the store has it.
 *
 * @returns What is to be called before the registry is told.
 */
export function measureSources(registry: Registry, context: ServerContext): () => Promise<void> {
  const { store, events: poster, now } = context;
  const registers = [registry];
  const commits = new Histogram({
    name: 'daybook_commit_duration_seconds',
    help: 'How long it took to put events on the disk, posted ones and those of sources.',
    buckets: BUCKETS,
    registers,
  });
  poster.onCommit = (ms) => commits.observe(ms / SECOND);
  const events = new Counter({
    name: 'daybook_ingested_events_total',
    help: 'Events that were read, by what became of them: counted, duplicate or conflict.',
    labelNames: ['source', 'outcome'],
    registers,
  });
  const bytes = new Counter({
    name: 'daybook_ingested_bytes_total',
    help: 'Bytes that were read, decompressed.',
    labelNames: ['source'],
    registers,
  });
  const rejects = new Counter({
    name: 'daybook_rejected_records_total',
    help: 'Records that could not be read, by reason.',
    labelNames: ['source', 'reason'],
    registers,
  });
  const through = new Gauge({
    name: 'daybook_source_complete_through_timestamp_seconds',
    help: 'All events before this instant are counted, as far as is known.',
    labelNames: ['source'],
    registers,
  });
  const lag = new Gauge({
    name: 'daybook_source_lag_seconds',
    help: 'How long ago that instant is.',
    labelNames: ['source'],
    registers,
  });
  return async () => {
    const streams = await store.streams();
    const found = await Promise.all(
      streams.map(async ({ name: source }) => {
        const inputs = await store.inputs(source);
        const time = await completeThrough(context, [source]);
        return { source, inputs, time };
      }),
    );
    // Nothing is waited for from here on: whoever asks at the same time finds all of it.
    for (const metric of [events, bytes, rejects, through, lag]) metric.reset();
    for (const { source, inputs, time } of found) {
      const { rejected, ...books } = booksOf(inputs);
      for (const outcome of ['counted', 'duplicate', 'conflict'] as const)
        events.inc({ source, outcome }, books[outcome]);
      for (const [reason, count] of Object.entries(rejected))
        rejects.inc({ source, reason }, count);
      bytes.inc(
        { source },
        inputs.reduce((sum, { position }) => sum + position, 0),
      );
      if (time === undefined) continue;
      through.set({ source }, time / SECOND);
      lag.set({ source }, (now() - time) / SECOND);
    }
  };
}
