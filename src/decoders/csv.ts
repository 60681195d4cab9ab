import type { DecoderKind } from '../core/decoder.ts';
import { EventBatch } from '../core/event-batch.ts';
import type { CsvPlaces } from './csv-columns.ts';
import { CsvForm } from './csv-form.ts';
import { CsvHeader, type CsvHeaderOptions } from './csv-header.ts';
import { CsvRow } from './csv-row.ts';
import { CsvScan } from './csv-scan.ts';
import { CsvTime, type CsvTimeOptions } from './csv-time.ts';
import { CsvUsual } from './csv-usual.ts';
import { KnownNames } from './known-names.ts';

/** What rows of CSV leave open. */
export interface CsvOptions extends CsvHeaderOptions, CsvTimeOptions {
  /** Cells that every row must have; any number unless given. */
  readonly fields?: number | undefined;
}

/**
 * Events in rows of CSV (RFC 4180), of which some columns are read. Anything else is a reject with its reason.
 *
 * @example
 * csv.open({ columns: { subject: 1, time: 4 }, header: 'auto', timeUnit: 'ms' });
 */
export const csv: DecoderKind<CsvOptions> = {
  summary: 'Events of somebody, one a row of CSV.',
  open: (options) => {
    const times = new CsvTime(options);
    const row = new CsvRow(times, options.fields);
    const header = new CsvHeader(options, row);
    const known = new KnownNames();
    const form = new CsvForm();
    const usual = new CsvUsual(form, known, times);
    let scan: CsvScan | undefined;
    return {
      spansLines: true,
      head: (bytes) => header.headOf(bytes),
      room(bytes) {
        try {
          scan ??= new CsvScan(bytes, options.timeUnit);
        } catch {
          // No WebAssembly, or no room for its memory: the plain way does as well.
        }
        return scan?.buffer;
      },
      decode(chunk, from, to, batch, reject) {
        let at = from;
        if (chunk.head === undefined) at = header.read(chunk, from, to);
        if (chunk.head === undefined) return at;
        const places = chunk.head as CsvPlaces;
        const { bytes } = chunk;
        const fast = scan?.buffer === bytes ? scan : undefined;
        // The scan leaves times without a zone to the plain way, which then needs to know names, too.
        const plain = fast === undefined || options.zone !== undefined ? usual : undefined;
        const learners = [fast, plain && known].filter((learner) => learner !== undefined);
        for (const learner of learners) learner.knowNamesOf(batch);
        const view = new DataView(bytes.buffer, bytes.byteOffset);
        form.turnTo(places);
        while (at < to && batch.length < EventBatch.CAPACITY) {
          const begin = at;
          if (fast) at = fast.read(chunk, at, to, batch, form);
          if (plain && at === begin) at = plain.read(chunk, view, at, to, batch);
          if (at === to || batch.length === EventBatch.CAPACITY) break;
          const { length } = batch;
          const next = row.decode(chunk, at, places, { batch, learners, reject });
          if (batch.length > length) form.take(bytes, row.record);
          if (next === at) break;
          at = next;
        }
        return at;
      },
    };
  },
};
