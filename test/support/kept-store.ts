import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EventBatch } from '../../src/core/event-batch.ts';
import type { Store } from '../../src/core/store.ts';
import { EVERYTHING } from '../../src/core/time-range.ts';
import { openIngest, openStoreForWriting } from '../../src/open/open-ingest.ts';
import { openStore } from '../../src/open/open-inputs.ts';
import { openReplay } from '../../src/open/open-rejects.ts';
import { ingest } from '../../src/pipeline/ingest/ingest.ts';
import type { Ingested } from '../../src/pipeline/ingest/ingested.ts';
import { type Replayed, replayRejects } from '../../src/pipeline/ingest/replay-rejects.ts';
import { totalsOf } from './store-content.ts';

/** Settings of the source `events`, besides its place, format and columns. */
export interface SourceOptions {
  readonly tz?: string;
  readonly fields?: number;
  readonly columns?: string;
  readonly keep?: 'events' | 'rollups';
  /** Of files that are called so; of CSV unless given. Session logs are of 2021-03-01. */
  readonly format?: 'csv' | 'ndjson' | 'session-log' | 'connection-log';
}

/** What a store tells of one source, without what depends on when it came. */
export interface ShownStore {
  readonly events: readonly string[];
  readonly minutes: readonly string[];
  /** Hours of all types. */
  readonly totals: readonly unknown[];
  readonly books: readonly string[];
}

/** A folder with CSV files, a configuration, and a store of them. */
export class KeptStore implements Disposable {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'daybook-store-'));
  readonly path: string = join(this.folder, 'daybook.db');
  readonly config: string = join(this.folder, 'daybook.yaml');

  constructor(files: Readonly<Record<string, string | Buffer>>, options: SourceOptions = {}) {
    for (const [name, content] of Object.entries(files)) this.write(name, content);
    this.configure(options);
  }

  write(name: string, content: string | Buffer): void {
    writeFileSync(join(this.folder, name), content);
  }

  configure({ tz, fields, columns, keep = 'events', format = 'csv' }: SourceOptions): void {
    const others = [tz && `tz: ${tz}`, fields && `fields: ${fields}`].filter(Boolean);
    const source = [
      'type: file',
      `paths: ["*.${format}"]`,
      `format: ${format}`,
      ...(format === 'ndjson' ? ['keep_data: true'] : []),
      format === 'session-log'
        ? 'date: 2021-03-01'
        : format === 'connection-log'
          ? 'time_unit: ms'
          : `columns: ${columns ?? '{ subject: 1, type: 2, time: 3, value: 4 }'}`,
      ...others,
    ];
    this.write(
      'daybook.yaml',
      `store: { type: sqlite, path: daybook.db, keep: ${keep} }\nsources:\n  events: { ${source.join(', ')} }\n`,
    );
  }

  async ingest(again: { replace?: boolean; again?: boolean } = {}): Promise<Ingested[]> {
    const opened = await openIngest({ config: this.config }, {});
    const store = await openStoreForWriting(opened.store);
    try {
      return await Array.fromAsync(ingest({ store, ...opened.sources[0]!, ...again }, {}));
    } finally {
      await store.close();
    }
  }

  async replay(reasons?: readonly string[]): Promise<Replayed[]> {
    const { store, sources } = await openReplay({ config: this.config }, {});
    try {
      return await Array.fromAsync(replayRejects({ store, ...sources[0]!, reasons }));
    } finally {
      await store.close();
    }
  }

  /** Uses the store as its readers do. */
  async read<Result>(use: (store: Store) => Promise<Result>): Promise<Result> {
    const store = await openStore(this.path);
    try {
      return await use(store);
    } finally {
      await store.close();
    }
  }

  shown(): Promise<ShownStore> {
    return this.read(shownStore);
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true });
  }
}

/** What a store tells of its source `events`. */
export async function shownStore(store: Store): Promise<ShownStore> {
  const totals = await totalsOf(store, 'events');
  const shown = {
    ...{ events: [] as string[], minutes: [] as string[] },
    totals,
    books: [] as string[],
  };
  for (const { id, digest, lines, counted, rejected } of await store.inputs('events')) {
    shown.books.push(JSON.stringify({ digest, lines, counted, rejected }));
    for (const segment of await store.segments(id))
      for await (const batch of store.events(segment.id, new EventBatch()))
        for (let i = 0; i < batch.length; i++) {
          const { names, subject, type, time, value, position, line } = batch;
          const texts = [names.nameOf(subject[i]!), names.nameOf(type[i]!)];
          const place = [digest.slice(0, 8), position[i]!, line[i]!];
          shown.events.push([...texts, time[i]!, value[i]!, ...place].join(' '));
        }
  }
  for await (const portion of store.minutes({ stream: 'events', ...EVERYTHING }))
    for (const { subject, type, start, count, values } of portion)
      shown.minutes.push([subject, type, start, count, ...Object.values(values!)].join(' '));
  shown.minutes.sort();
  return shown;
}
