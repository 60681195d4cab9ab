import type { Run } from '../core/run-history.ts';

/** What a run that ended well has written where, on a line. */
export function runLine({ report, asOf, state, destination, ...size }: Run): string {
  const what = state === 'unchanged' ? 'unchanged,' : 'wrote';
  const where = state === 'unchanged' ? 'in' : 'to';
  return `${report} ${asOf}: ${what} ${sizeText(size)}, ${where} ${destination}`;
}

/** How large a report is. */
export function sizeText({ rows = 0, sizeBytes = 0 }: Pick<Run, 'rows' | 'sizeBytes'>): string {
  const count = (number: number, what: string) =>
    `${number.toLocaleString('en-US')} ${what}${number === 1 ? '' : 's'}`;
  return `${count(rows, 'row')}, ${count(sizeBytes, 'byte')}`;
}
