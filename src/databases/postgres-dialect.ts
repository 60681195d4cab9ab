import type { Dialect, SqlColumn, SqlType } from './dialect.ts';

/** Types by the numbers that PostgreSQL has for them in all versions; others are texts. */
const TYPES: Readonly<Record<number, SqlType>> = {
  ...{ 20: 'number', 21: 'number', 23: 'number', 26: 'number' },
  ...{ 700: 'number', 701: 'number', 1700: 'number' },
  ...{ 16: 'boolean', 17: 'binary', 1082: 'date', 1114: 'local', 1184: 'instant' },
};
const INTEGERS: readonly number[] = [20, 21, 23, 26];
const NUMERIC = 1700;

/** A column by what PostgreSQL says of it. */
export function postgresColumn(name: string, oid: number, modifier: number): SqlColumn {
  // A modifier holds precision and scale of `numeric(p, s)`, beyond a header of 4 bytes.
  const isWhole = oid === NUMERIC && modifier >= 0 && ((modifier - 4) & 0x7ff) === 0;
  const isInteger = INTEGERS.includes(oid) || isWhole;
  const kind = isInteger ? 'integer' : oid === NUMERIC ? 'decimal' : 'text';
  return { name, isInteger, kind, type: TYPES[oid] ?? 'text' };
}

/** The SQL of PostgreSQL. */
export const postgresDialect: Dialect = {
  quoted: (name) => `"${name.replaceAll('"', '""')}"`,
  bytes: (text) => `'\\x${Buffer.from(text).toString('hex')}'::bytea`,
  shown: ({ name }) => `${postgresDialect.quoted(name)}::text`,
  exact({ name }, order) {
    const column = postgresDialect.quoted(name);
    // Texts in bytes, since their own order may be that of any language, and their encoding another.
    return order === 'number' ? column : `convert_to(${column}::text, 'UTF8')`;
  },
  exactShown: (expression, order) =>
    order === 'number' ? `${expression}::text` : `convert_from(${expression}, 'UTF8')`,
  moment: ({ type }, ms) => `${KEYWORDS[type] ?? ''} '${written(ms)}'`,
  dateOf(column, { shifts }) {
    const name = postgresDialect.quoted(column.name);
    if (column.type === 'date') return name;
    const shown = column.type === 'instant' ? `${name} AT TIME ZONE 'UTC'` : name;
    const local: SqlColumn = { ...column, type: 'local' };
    const cases = shifts.map(
      ({ before, shiftMs }) =>
        `WHEN ${shown} < ${postgresDialect.moment(local, before)} THEN ${shown} + INTERVAL '${shiftMs / 1000} seconds'`,
    );
    return `(CASE ${cases.join(' ')} END)::date`;
  },
  undated: ({ name }) => `${postgresDialect.quoted(name)} IS NULL`,
};

const KEYWORDS: Partial<Record<SqlType, string>> = {
  date: 'DATE',
  local: 'TIMESTAMP',
  instant: 'TIMESTAMPTZ',
};

/** A time as text that is a date, a time of a day and an instant. */
function written(ms: number): string {
  return new Date(ms).toISOString().replace('T', ' ').replace('Z', '+00');
}
