import { type DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';

/** A connection to an empty database in memory. */
export async function connectDuckdb(): Promise<DuckDBConnection> {
  const database = await DuckDBInstance.create(':memory:');
  return database.connect();
}

/** Prints what a query answers, a row a line, its values parted by blanks. */
export async function printRows(connection: DuckDBConnection, query: string): Promise<void> {
  const answer = await connection.runAndReadAll(query);
  const lines = answer.getRows().map((row) => `${row.join(' ')}\n`);
  process.stdout.write(lines.join(''));
}

/** A text as a literal of SQL. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
