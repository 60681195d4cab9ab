import { DaybookError } from './errors.ts';

/** What an event of the log is about: plain data as JSON has it, never a secret or a whole record. */
export type LogFields = Readonly<Record<string, unknown>>;

/** From the gravest to what only who looks for a cause wants to know. */
export type LogLevel = 'error' | 'warn' | 'info' | 'debug';

/** Notes an event, by a short name that stays the same, and what it is about. */
type LogEvent = (event: string, fields?: LogFields) => void;

/** What Daybook says of its own work, for programs to read. Noting an event never fails. */
export type Log = Readonly<Record<LogLevel, LogEvent>>;

const ignore: LogEvent = () => {};

/** The log of who wants none. */
export const SILENT: Log = { error: ignore, warn: ignore, info: ignore, debug: ignore };

/** What went wrong, line by line, as a log tells it; of a bug also where. */
export function failureFields(error: unknown): LogFields {
  if (error instanceof DaybookError) return { code: error.code, reason: error.lines };
  return { code: 'BUG', reason: [String(error)], stack: error instanceof Error && error.stack };
}
