import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DaybookError } from '../core/errors.ts';
import { type CountsRequest, countsStream, type IngestedFiles } from '../open/open-counts.ts';
import { openStoreForWriting } from '../open/open-ingest.ts';
import { jobModule } from '../open/open-job.ts';
import { inputsOf } from '../open/range-request.ts';
import { IdForms } from '../pipeline/ingest/id-forms.ts';
import { ingest } from '../pipeline/ingest/ingest.ts';
import { Interruption } from './interruption.ts';
import { progressOf } from './progress.ts';

/** A store for as long as a report takes. */
type TemporaryStore = IngestedFiles & AsyncDisposable;

/**
 * Counts files into a store in the folder for temporary files, each id once: ids may be more than fit in memory.
 *
 * @throws DaybookError `USAGE`, `SOURCE_UNREADABLE`, `STORE_UNUSABLE` or `INTERRUPTED`
 */
export async function eachIdOnce(
  request: CountsRequest,
  options: { readonly threads: number; readonly quiet?: boolean },
): Promise<TemporaryStore> {
  if (request.follow)
    throw new DaybookError('USAGE', '--follow cannot tell ids apart; daybook ingest --follow can');
  const stream = countsStream(request);
  const { format: kind, fields } = stream;
  const job = {
    module: jobModule,
    decoder: { kind, options: stream.options },
    aggregation: { kind: 'events', options: { fields } },
  };
  using interruption = new Interruption(
    new DaybookError('INTERRUPTED', 'interrupted; nothing was written'),
  );
  const { signal } = interruption;
  const inputs = await inputsOf(request.files);
  const progress = progressOf(inputs, options);
  const folder = await mkdtemp(join(tmpdir(), 'daybook-'));
  const remove = () => rm(folder, { recursive: true, force: true });
  const path = join(folder, 'events.db');
  const ids = new IdForms();
  try {
    const store = await openStoreForWriting({ path, keep: 'events' });
    try {
      const wanted = { store, stream, inputs, jobOf: () => job, anew: true };
      const running = { threads: options.threads, signal, onProgress: progress?.update };
      for await (const one of ingest(wanted, running)) {
        if (one.failure) throw one.failure;
        if (one.ids) ids.addAll(one.ids);
      }
    } finally {
      await store.close();
    }
  } catch (error) {
    await remove();
    throw error;
  } finally {
    progress?.stop();
  }
  return { path, notes: ids.note ? [ids.note] : [], [Symbol.asyncDispose]: remove };
}
