import { DaybookError } from '../core/errors.ts';
import { quote } from '../core/time.ts';
import type { Dialect, SqlColumn } from './dialect.ts';

const DECIMAL = /^[+-]?[0-9]{1,60}([.][0-9]{1,60})?$/;

/**
 * That a column has a value, exactly: texts by their bytes, numbers by their size. A number may be given as text, as a
 * variable is, and a boolean as `1` or `0`.
 *
 * @throws DaybookError `USAGE` - No value of the column can be that.
 */
export function equality(
  column: SqlColumn,
  value: string | number | boolean,
  { exact, bytes, quoted }: Dialect,
): string {
  const { name, type } = column;
  const refuse = (what: string): never => {
    const problem = `column ${quote(name)} holds ${what}, and ${quote(String(value))} is none`;
    throw new DaybookError('USAGE', `active: ${problem}`);
  };
  switch (type) {
    case 'number': {
      const number = String(typeof value === 'boolean' ? Number(value) : value);
      return DECIMAL.test(number) ? `${quoted(name)} = ${number}` : refuse('numbers');
    }
    case 'boolean': {
      const word = String(value);
      if (word === 'true' || word === '1') return quoted(name);
      return word === 'false' || word === '0' ? `NOT ${quoted(name)}` : refuse('true or false');
    }
    default:
      return `${exact(column, 'bytes')} = ${bytes(String(value))}`;
  }
}
