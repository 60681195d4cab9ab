import { type Log, type LogFields, type LogLevel, SILENT } from '../core/log.ts';
import { LogFile } from './log-file.ts';

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
 * Lines are added to its file as JSON, warnings and errors at once. What cannot be written later on, as on a full disk, is
 * told once, and missing in the log: the work goes on.
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
    timestamp: timestamps(),
    formatters: { level: (label: string) => ({ level: label }) },
  };
  const logger = pino(settings, lines);
  const noted = (severity: LogLevel) => (event: string, fields?: LogFields) =>
    logger[severity](fields ?? {}, event);
  const notedAtOnce = (severity: LogLevel) => (event: string, fields?: LogFields) => {
    logger[severity](fields ?? {}, event);
    lines.flush();
  };
  const log = {
    error: notedAtOnce('error'),
    warn: notedAtOnce('warn'),
    info: noted('info'),
    debug: noted('debug'),
    [Symbol.dispose]: () => lines.close(),
  };
  log.info('started', started);
  lines.settle();
  return log;
}

/** Tells the time as a member of a line; that of a millisecond is written once, however many lines there are of it. */
function timestamps(): () => string {
  let latest = Number.NaN;
  let member = '';
  return () => {
    const now = Date.now();
    if (now !== latest) member = `,"time":"${new Date(now).toISOString()}"`;
    latest = now;
    return member;
  };
}
