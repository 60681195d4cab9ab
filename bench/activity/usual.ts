/**
 * The usual way: users in chunks of a thousand, and for each chunk their lessons with IN (…), counted in the database.
 *
 * Usage: node usual.ts POSTGRES_URL MARIADB_URL FIRST LAST, which prints CSV.
 */
import mysql from 'mysql2/promise';
import pg from 'pg';

const CHUNK = 1000;

const [platform, learning, first, last] = process.argv.slice(2);
const users = new pg.Client(platform);
await users.connect();
const lessons = await mysql.createConnection({ uri: learning!, dateStrings: true });
process.stdout.write('user_id,user_name,date,lessons_completed\r\n');
for (let after = 0; ; ) {
  const chunk = await users.query<{ user_id: number; user_name: string }>(
    "SELECT user_id, user_name FROM users WHERE active_status = 'active' AND user_id > $1 ORDER BY user_id LIMIT $2",
    [after, CHUNK],
  );
  if (chunk.rows.length === 0) break;
  after = chunk.rows.at(-1)!.user_id;
  const [rows] = await lessons.query<mysql.RowDataPacket[]>(
    `SELECT user_id, completion_date, COUNT(*) AS number FROM completions
     WHERE user_id IN (?) AND completion_date BETWEEN ? AND ?
     GROUP BY user_id, completion_date ORDER BY user_id, completion_date`,
    [chunk.rows.map(({ user_id }) => user_id), first, last],
  );
  const done = Map.groupBy(rows, (row) => row['user_id'] as number);
  const lines = chunk.rows.flatMap(({ user_id, user_name }) =>
    (done.get(user_id) ?? [{ completion_date: '', number: 0 }]).map(
      (row) => `${user_id},${user_name},${row['completion_date']},${row['number']}\r\n`,
    ),
  );
  process.stdout.write(lines.join(''));
}
await users.end();
lessons.destroy();
