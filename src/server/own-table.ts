import type { FastifyRequest } from 'fastify';
import type { Table } from '../core/table.ts';

/** A table as who asks may see it: keys of some subjects are not told how much there is of others, nor which inputs. */
export function ownTable({ key }: Pick<FastifyRequest, 'key'>, table: Table): Table {
  if (!key?.subjects) return table;
  const { inputs: _, ...parameters } = table.parameters;
  const { counted } = table.books;
  const others = { rejected: {}, duplicate: 0, conflict: 0, late: 0, filtered: 0 };
  return { ...table, parameters, books: { read: counted, counted, ...others } };
}
