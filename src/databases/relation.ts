import type { Relation } from '../core/database.ts';
import type { Dialect } from './dialect.ts';

/** What stands behind FROM. */
export function fromClause(from: Relation, { quoted }: Dialect): string {
  if ('table' in from) return partsOf(from.table).map(quoted).join('.');
  // A comment at the end of a query must not swallow the bracket.
  return `(${from.query.replace(/[\s;]+$/, '')}\n) AS ${quoted('query')}`;
}

/** What messages call it. */
export function relationName(from: Relation): string {
  return 'table' in from ? `table ${from.table}` : 'query';
}

/**
 * The parts of a name that points divide, such as that of a schema; a part in quotes or backticks may hold points, and
 * quotes doubled.
 */
function partsOf(name: string): string[] {
  const parts = name.match(PARTS) ?? [];
  if (parts.join('.') !== name) return [name];
  return parts.map((part) => {
    const [quote = ''] = part;
    if (!/["`]/.test(quote)) return part;
    return part.slice(1, -1).replaceAll(quote + quote, quote);
  });
}

const PARTS = /(?<=^|[.])(?:"(?:[^"]|"")+"|`(?:[^`]|``)+`|[^."`][^.]*)(?=[.]|$)/g;
