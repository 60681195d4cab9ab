import { basename, dirname, join, resolve } from 'node:path';

/** How compressed pieces end. */
const PACKED = /\.(?:gz|zst)$/;
/** What is put behind the name of a piece that was rotated; no part of an address such as 10.0.0.7. */
const ROTATED = /(?:(?<=\D)\.|(?<=\.[a-z]+)-)\d+$/i;
/** A date, perhaps with a time of day, anywhere in the name. */
const DATE =
  /(?<!\d)[-_.]?(?:19|20)\d\d-?(?:0[1-9]|1[0-2])-?(?:0[1-9]|[12]\d|3[01])(?:[-_.T]?\d\d[-_.:]?\d\d(?:[-_.:]?\d\d)?Z?)?(?!\d)/;

/**
 * The log that a file is a piece of: its path without what tells pieces of one log apart, a number behind the
 * name or a date.
 *
 * @example
 * logOf('/var/log/app.log.2.gz'); // '/var/log/app.log', as of app.log-20210301 and app-2021-03-01.log
 */
export function logOf(path: string): string {
  const full = resolve(path);
  const name = basename(full).replace(PACKED, '').replace(ROTATED, '').replace(DATE, '');
  return join(dirname(full), name);
}
