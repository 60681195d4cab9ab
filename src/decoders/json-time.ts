import { CsvTime, type CsvTimeOptions } from './csv-time.ts';

/** What a reader of several bytes at once may find behind a time. */
const NOTHING = '\0'.repeat(24);

/** Reads times from the texts of JSON. */
export class JsonTime {
  readonly #times: CsvTime;

  constructor(options: CsvTimeOptions) {
    this.#times = new CsvTime(options);
  }

  /** The time that a text is, ms since the epoch, or why it is none. */
  read(text: string | null | undefined): number | 'time' | 'no zone' {
    if (!text) return 'time';
    const bytes = Buffer.from(text + NOTHING);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    const time = this.#times.read(view, 0);
    if (this.#times.end !== bytes.length - NOTHING.length) return 'time';
    if (this.#times.lacksZone) return 'no zone';
    return Number.isNaN(time) ? 'time' : time;
  }
}
