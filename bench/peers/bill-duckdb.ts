/**
 * Fair billing in DuckDB's SQL, on all cores. The log must be in order of time.
 *
 * Usage: node bill-duckdb.ts LOG
 *
 * Prints NAME SESSIONS SECONDS for each user. What was measured to be the fastest of several ways: lines
 * by the CSV reader, one regular expression of no more than three groups, names as numbers, and a running
 * sum of doubles, which count small numbers exactly and are added faster than the integers of `sum`.
 */
import { connectDuckdb, literal, printRows } from '../support/duckdb.ts';

const RECORD = [
  String.raw`^[ \t]*((?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9])`,
  String.raw`[ \t]+([A-Za-z0-9]+)[ \t]+(Start|End)[ \t]*\r?$`,
].join('');

/** The valid records. Their `rowid` is their order: a table is filled in the order of the file. */
function recordsOf(path: string): string {
  return `
    CREATE TEMP TABLE record AS
    SELECT field.name, epoch(field.clock::TIME)::INTEGER AS second,
      CASE field.marker WHEN 'Start' THEN -1 ELSE 1 END::TINYINT AS step
    FROM (
      SELECT regexp_extract(line, '${RECORD}', ['clock', 'name', 'marker']) AS field
      -- The separator is a character that no record has: so a line is one column.
      FROM read_csv(${literal(path)}, columns = {'line': 'VARCHAR'}, delim = chr(1),
        header = false, auto_detect = false, quote = '', escape = '', new_line = '\\n',
        strict_mode = false, ignore_errors = true)
    )
    WHERE field.name <> ''`;
}

const USERS = `
  CREATE TEMP TABLE user AS
  SELECT name, row_number() OVER ()::INTEGER AS id FROM (SELECT DISTINCT name FROM record)`;

/** With `a` Ends without a Start and `b` Starts without an End: `b` is `starts - ends + a`. */
const BILL = `
  WITH
    running AS (
      SELECT id, second, step, sum(step::DOUBLE) OVER (
        PARTITION BY id ORDER BY record.rowid ROWS UNBOUNDED PRECEDING) AS surplus
      FROM record JOIN user USING (name)
    ),
    total AS (
      SELECT id, count(*) FILTER (step < 0) AS starts, count(*) FILTER (step > 0) AS ends,
        greatest(0, max(surplus))::BIGINT AS a, sum(step * second) AS seconds
      FROM running GROUP BY id
    ),
    edge AS (SELECT min(second) AS first, max(second) AS last FROM record)
  SELECT name, starts + a, seconds + (starts - ends + a) * last - a * first
  FROM total JOIN user USING (id), edge`;

const connection = await connectDuckdb();
await connection.run(recordsOf(process.argv[2]!));
await connection.run(USERS);
await printRows(connection, BILL);
