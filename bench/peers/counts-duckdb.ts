/**
 * Events of each customer in each hour in DuckDB's SQL, on all cores.
 *
 * Usage: node counts-duckdb.ts LOG
 *
 * Prints CUSTOMER HOUR EVENTS none. Its CSV reader is told all types, so that it need not look for them.
 */
import { connectDuckdb, literal, printRows } from '../support/duckdb.ts';

const query = `
  SELECT customer, strftime(hour, '%Y-%m-%dT%H:%M:%SZ'), events, 'none'
  FROM (
    SELECT customer, date_trunc('hour', time) AS hour, count(*) AS events
    FROM read_csv(${literal(process.argv[2]!)},
      columns = {'customer': 'VARCHAR', 'type': 'VARCHAR', 'id': 'VARCHAR', 'time': 'TIMESTAMP'},
      delim = ',', quote = '"', escape = '"', header = false, auto_detect = false, new_line = '\\n')
    GROUP BY customer, hour
  )`;
await printRows(await connectDuckdb(), query);
