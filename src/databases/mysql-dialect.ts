import type { Dialect, SqlColumn, SqlType } from './dialect.ts';

/** Types by the numbers of the protocol; others are texts. */
const TYPES: Readonly<Record<number, SqlType>> = {
  ...{ 1: 'number', 2: 'number', 3: 'number', 8: 'number', 9: 'number', 13: 'number' },
  ...{ 0: 'number', 246: 'number', 4: 'number', 5: 'number', 16: 'number' },
  ...{ 7: 'instant', 10: 'date', 12: 'local', 14: 'date' },
};
const INTEGERS: readonly number[] = [1, 2, 3, 8, 9, 13, 16];
const DECIMALS: readonly number[] = [0, 246];
/** Of these, those without a character set hold bytes. */
const STRINGS: readonly number[] = [15, 249, 250, 251, 252, 253, 254];
const NO_CHARACTER_SET = 63;

/** What MySQL and MariaDB say of a column. */
export interface MysqlField {
  readonly name: string;
  readonly columnType: number;
  readonly decimals: number;
  readonly characterSet: number;
}

/** A column by what the server says of it. */
export function mysqlColumn(field: MysqlField): SqlColumn {
  const { name, columnType, decimals, characterSet } = field;
  const isDecimal = DECIMALS.includes(columnType);
  const isInteger = INTEGERS.includes(columnType) || (isDecimal && decimals === 0);
  const kind = isInteger ? 'integer' : isDecimal ? 'decimal' : 'text';
  const isBinary = STRINGS.includes(columnType) && characterSet === NO_CHARACTER_SET;
  return { name, isInteger, kind, type: isBinary ? 'binary' : (TYPES[columnType] ?? 'text') };
}

/** The SQL that MySQL and MariaDB share. */
export const mysqlDialect: Dialect = {
  grouping: {
    explain: (sql) => `EXPLAIN FORMAT=TRADITIONAL ${sql}`,
    looksUp: (row) => row.some((cell) => cell?.includes('Using temporary')),
    // Not always: where an index has the groups in order, it would not be used.
    sortFirst: (sql) => sql.replace(/^SELECT/, 'SELECT SQL_BIG_RESULT'),
  },
  quoted: (name) => `\`${name.replaceAll('`', '``')}\``,
  // In hex, since what a backslash is in quotes depends on a mode.
  bytes: (text) => `X'${Buffer.from(text).toString('hex')}'`,
  shown(column) {
    const name = mysqlDialect.quoted(column.name);
    if (column.isInteger || column.kind === 'decimal') return `${name} + 0`; // without ZEROFILL
    // As PostgreSQL shows bytes, so that keys of both agree.
    if (column.type === 'binary')
      return `CONVERT(CONCAT(X'5c78', LOWER(HEX(${name}))) USING utf8mb4)`;
    return `CONVERT(${name} USING utf8mb4)`;
  },
  exact(column, order) {
    if (order === 'number') return mysqlDialect.quoted(column.name);
    return `CAST(CONVERT(${mysqlDialect.shown(column)} USING utf8mb4) AS BINARY)`;
  },
  exactShown: (expression, order) =>
    order === 'number' ? `${expression} + 0` : `CONVERT(${expression} USING utf8mb4)`,
  moment: ({ type }, ms) =>
    type === 'date' ? `DATE '${written(ms).slice(0, 10)}'` : `TIMESTAMP '${written(ms)}'`,
  dateOf(column, { shifts }) {
    const name = mysqlDialect.quoted(column.name);
    if (column.type === 'date') return name;
    const cases = shifts.map(
      ({ before, shiftMs }) =>
        `WHEN ${name} < ${mysqlDialect.moment(column, before)} THEN ${name} + INTERVAL ${shiftMs / 1000} SECOND`,
    );
    return `DATE(CASE ${cases.join(' ')} END)`;
  },
  undated(column) {
    const name = mysqlDialect.quoted(column.name);
    const nothing = column.type === 'date' ? '0000-00-00' : '0000-00-00 00:00:00';
    return `(${name} IS NULL OR ${name} = '${nothing}')`;
  },
};

function written(ms: number): string {
  return new Date(ms).toISOString().replace('T', ' ').replace('Z', '');
}
