/**
 * Writes a log that is the same in every run: sessions or connections of one day, half a percent of it junk,
 * or events of 30 days; names are skewed.
 *
 * Usage: node generate.ts [--lines NUMBER] [--disorder SECONDS] sessions|connections|events FILE
 */
import { parseArgs } from 'node:util';
import { isLogKind, writeLog } from './support/log-file.ts';
import { wholeNumber } from './support/whole-number.ts';

const { values, positionals } = parseArgs({
  options: {
    lines: { type: 'string', default: '20000000' },
    disorder: { type: 'string', default: '0' },
  },
  allowPositionals: true,
});
const [kind = '', path, ...more] = positionals;
if (!isLogKind(kind) || path === undefined || more.length > 0) {
  throw new Error(
    'usage: node generate.ts [--lines NUMBER] [--disorder SECONDS] sessions|connections|events FILE',
  );
}
writeLog(path, kind, {
  lines: wholeNumber('--lines', values.lines),
  disorderSeconds: wholeNumber('--disorder', values.disorder, 0),
});
