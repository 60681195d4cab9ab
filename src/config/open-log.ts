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
  const lines = new LogFile(file, onNote);
  const { pid } = process;
  const noted = (severity: LogLevel) => (event: string, fields?: LogFields) =>
    lines.write(
      `${JSON.stringify({ level: severity, time: timeOfNow(), pid, ...fields, event })}\n`,
    );
  const notedAtOnce = (severity: LogLevel) => {
    const note = noted(severity);
    return (event: string, fields?: LogFields) => {
      note(event, fields);
      lines.flush();
    };
  };
  const all: Log = {
    error: notedAtOnce('error'),
    warn: notedAtOnce('warn'),
    info: noted('info'),
    debug: noted('debug'),
  };
  const wanted = LEVELS.slice(0, LEVELS.indexOf(level) + 1).map((each) => [each, all[each]]);
  const log: Log = { ...SILENT, ...Object.fromEntries(wanted) };
  log.info('started', started);
  lines.settle();
  return { ...log, [Symbol.dispose]: () => lines.close() };
}

const LEVELS: readonly LogLevel[] = ['error', 'warn', 'info', 'debug'];

const latest = { time: 0, text: '' };

/** The instant of now, in words: put into words once a millisecond. */
function timeOfNow(): string {
  const now = Date.now();
  if (now !== latest.time) Object.assign(latest, { time: now, text: new Date(now).toISOString() });
  return latest.text;
}
