import type { DecoderKind } from '../core/decoder.ts';
import { EventBatch } from '../core/event-batch.ts';
import type { CsvPlaces } from './csv-columns.ts';
import { CsvHeader, type CsvHeaderOptions } from './csv-header.ts';
import { CsvRow } from './csv-row.ts';
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
    const usual = new CsvUsual(known, times);
    return {
      spansLines: true,
      head: (bytes) => header.headOf(bytes),
      decode(chunk, from, to, batch, reject) {
        let at = from;
        if (chunk.head === undefined) at = header.read(chunk, from, to);
        if (chunk.head === undefined) return at;
        const places = chunk.head as CsvPlaces;
        const { bytes } = chunk;
        const view = new DataView(bytes.buffer, bytes.byteOffset);
        const reading = { batch, learner: known, reject };
        known.knowNamesOf(batch);
        usual.turnTo(places);
        while (at < to && batch.length < EventBatch.CAPACITY) {
          at = usual.read(chunk, view, at, to, batch);
          if (at === to || batch.length === EventBatch.CAPACITY) break;
          const { length } = batch;
          const next = row.decode(chunk, at, places, reading);
          if (batch.length > length) usual.takeForm(bytes, row.record);
          if (next === at) break;
          at = next;
        }
        return at;
      },
    };
  },
};
