import { failureFields, type Log, type LogFields } from '../core/log.ts';
import { type LogSettings, openLog } from '../open/open-log.ts';
import { say } from './message.ts';

/** What work is noted in a log, and how. */
interface LoggedWork {
  readonly settings: LogSettings;
  /** What is noted when it begins. */
  readonly started: LogFields;
  readonly quiet?: boolean | undefined;
}

/**
 * Does a command's work with the log that the configuration asks for, and notes when it begins and how it ends.
 *
 * @param work - Returns what is noted at its end.
 * @throws DaybookError `DESTINATION_UNWRITABLE` before the work, or what the work throws.
 */
export async function logged(
  { settings, started, quiet = false }: LoggedWork,
  work: (log: Log) => Promise<LogFields>,
): Promise<void> {
  using log = await openLog(settings, started, quiet ? () => {} : say);
  try {
    log.info('ended', await work(log));
  } catch (error) {
    log.error('failed', failureFields(error));
    throw error;
  }
}
