/**
 * Connections in DuckDB's SQL, on all cores.
 *
 * Usage: node connections-duckdb.ts hosts HOST FROM THROUGH LOG
 *        node connections-duckdb.ts top LOG
 *
 * Prints NAME INBOUND OUTBOUND for each peer of a host, times inclusive, or NAME CONNECTIONS for each host
 * that made connections. The CSV reader parts the fields and leaves out lines that have not three of them:
 * that was measured to take a half of what a regular expression takes. So unlike in daybook fields are
 * parted by one blank; those of this benchmark's logs are. Times are read as texts first, since the
 * reader would round fractions.
 */
import { connectDuckdb, literal, printRows } from '../support/duckdb.ts';

const recordsOf = (path: string) => `
  SELECT time, source, target
  FROM read_csv(${literal(path)}, columns = {'time': 'VARCHAR', 'source': 'VARCHAR', 'target': 'VARCHAR'},
    delim = ' ', header = false, auto_detect = false, quote = '', escape = '', new_line = '\\n',
    ignore_errors = true)
  WHERE regexp_full_match(time, '[0-9]{1,16}') AND time::BIGINT <= 9007199254740992`;

const topOf = (path: string) => `
  SELECT source, count(*) FROM (${recordsOf(path)}) GROUP BY source`;

const hostsOf = (path: string, host: string, from: string, through: string) => `
  WITH
    record AS MATERIALIZED (
      ${recordsOf(path)}
      AND ${literal(host)} IN (source, target)
      AND time::BIGINT BETWEEN ${BigInt(from)} AND ${BigInt(through)}
    ),
    peer AS (
      SELECT source AS name, 1 AS inbound, 0 AS outbound FROM record WHERE target = ${literal(host)}
      UNION ALL
      SELECT target, 0, 1 FROM record WHERE source = ${literal(host)}
    )
  SELECT name, sum(inbound), sum(outbound) FROM peer GROUP BY name`;

const [task, ...words] = process.argv.slice(2);
const path = words.pop()!;
const [host = '', from = '', through = ''] = words;
const query = task === 'top' ? topOf(path) : hostsOf(path, host, from, through);
await printRows(await connectDuckdb(), query);
