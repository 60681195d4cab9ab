import { closeSync, openSync, writeSync } from 'node:fs';
import { DaybookError } from '../core/errors.ts';
import { type Log, type LogFields, type LogLevel, SILENT } from '../core/log.ts';

const STANDARD_OUTPUT = 1;

/** What the configuration says of the log. */
export interface LogSettings {
  readonly level: LogLevel;
  readonly file?: string | undefined;
  /** Whether it goes to standard output where there is no file; otherwise there is no log then. */
  readonly orOutput?: boolean | undefined;
}

/** A log that is written to until it is disposed of. */
export type OpenedLog = Log & Disposable;

/**
 * Opens the log that a configuration asks for, and notes in it that a command has started.
 *
 * Lines are added to its file one by one, as JSON. What cannot be written later on, as on a full disk, is told once, and
 * missing in the log: the work goes on.
 *
 * @param started - The command, and what it is about.
 * @throws DaybookError `DESTINATION_UNWRITABLE` - The file takes no lines now.
 *
 * @example
 * using log = await openLog({ level: 'info', file: 'daybook.log' }, { command: 'ingest' }, say);
 * log.info('input', { input: 'events.csv', counted: 3 });
 */
export async function openLog(
  { level, file, orOutput = false }: LogSettings,
  started: LogFields,
  onNote: (message: string) => void,
): Promise<OpenedLog> {
  if (file === undefined && !orOutput) return { ...SILENT, [Symbol.dispose]() {} };
  // It takes a while to load, which only who wants a log is to wait for.
  const { pino } = await import('pino');
  const lines = new LogFile(file, onNote);
  const settings = {
    level,
    base: { pid: process.pid },
    messageKey: 'event',
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  const logger = pino(settings, lines);
  const noted = (severity: LogLevel) => (event: string, fields?: LogFields) =>
    logger[severity](fields ?? {}, event);
  const log = {
    error: noted('error'),
    warn: noted('warn'),
    info: noted('info'),
    debug: noted('debug'),
    [Symbol.dispose]: () => lines.close(),
  };
  log.info('started', started);
  lines.settle();
  return log;
}

/** A file to which lines are added at once, so that none is lost with the process. */
class LogFile {
  readonly #path: string | undefined;
  readonly #onNote: (message: string) => void;
  readonly #descriptor: number;
  #failure: Error | undefined;
  #isSettled = false;
  /** Whether half a line may stand at its end. */
  #isTorn = false;

  /** @param path - Standard output unless given. */
  constructor(path: string | undefined, onNote: (message: string) => void) {
    this.#path = path;
    this.#onNote = onNote;
    try {
      this.#descriptor = path === undefined ? STANDARD_OUTPUT : openSync(path, 'a');
    } catch (cause) {
      throw this.#unwritable(cause as Error);
    }
  }

  write(line: string): void {
    const bytes = Buffer.from(this.#isTorn ? `\n${line}` : line);
    let done = 0;
    try {
      while (done < bytes.length) done += writeSync(this.#descriptor, bytes, done);
      this.#isTorn = false;
    } catch (error) {
      this.#isTorn ||= done > 0;
      const isFirst = this.#failure === undefined;
      this.#failure = error as Error;
      if (isFirst && this.#isSettled)
        this.#onNote(`${this.#unwritable(this.#failure).message}; all else goes on`);
    }
  }

  /** @throws DaybookError - The lines so far could not be written. From now on that is only told. */
  settle(): void {
    this.#isSettled = true;
    if (this.#failure === undefined) return;
    this.close();
    throw this.#unwritable(this.#failure);
  }

  close(): void {
    if (this.#path !== undefined) closeSync(this.#descriptor);
  }

  #unwritable(cause: Error): DaybookError {
    const message = `cannot write the log ${this.#path ?? 'to standard output'}: ${cause.message}`;
    return new DaybookError('DESTINATION_UNWRITABLE', message, { cause });
  }
}
