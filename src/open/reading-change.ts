import { DaybookError } from '../core/errors.ts';
import type { Stream } from '../core/store.ts';

/**
 * Changes of options that leave every record that is an event what it is, from what to what: only records that were
 * rejected are read in another way, or only reports look at the option.
 */
const HARMLESS: Readonly<Record<string, (before: unknown, now: unknown) => boolean>> = {
  zone: (before) => before === undefined, // times without a zone were rejects
  fields: (_, now) => now === undefined,
  extraFields: (_, now) => now === 'ignore',
  log: () => true,
  session_timeout: () => true,
};

/**
 * Refuses settings with which records that are counted would be read in another way.
 *
 * @throws DaybookError `USAGE`
 */
export function refuseOtherReading(before: Stream, now: Stream, counted: number): void {
  if (before.format !== now.format)
    throw refusal(now, `its format is ${before.format}, not ${now.format}`);
  if (counted === 0) return; // Nothing is read in any way.
  const [past, present] = [before, now].map(optionsOf) as [Options, Options];
  const changed = [...new Set([...Object.keys(past), ...Object.keys(present)])].filter(
    (name) =>
      JSON.stringify(past[name]) !== JSON.stringify(present[name]) &&
      !(Object.hasOwn(HARMLESS, name) && HARMLESS[name]!(past[name], present[name])),
  );
  if (changed.length === 0 && JSON.stringify(before.fields) === JSON.stringify(now.fields)) return;
  const what = changed.length > 0 ? changed.join(', ') : 'columns';
  throw refusal(now, `other ${what} would change what the records are that it counted`);
}

type Options = Readonly<Record<string, unknown>>;

/** As they are in a store, where what is undefined is not there. */
function optionsOf({ options }: Stream): Options {
  return JSON.parse(JSON.stringify(options));
}

function refusal({ name }: Stream, reason: string): DaybookError {
  return new DaybookError(
    'USAGE',
    `the rejects of ${name} cannot be replayed: ${reason}; ingest it under another name, or into another store`,
  );
}
