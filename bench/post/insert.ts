/**
 * Inserts events into a table in transactions of 100, each on the disk before the next begins. Usage: node insert.ts DATABASE none|id EVENTS.
 * Prints events a second.
 */
import { DatabaseSync } from 'node:sqlite';
import { BODY_EVENTS, eventOf } from './events.ts';

const [path = '', key = 'none', count = '0'] = process.argv.slice(2);
const db = new DatabaseSync(path);
db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL');
const columns =
  'source TEXT NOT NULL, id TEXT NOT NULL, type TEXT, subject TEXT, time INTEGER, data TEXT';
db.exec(
  key === 'id'
    ? `CREATE TABLE events (${columns}, PRIMARY KEY (source, id))`
    : `CREATE TABLE events (${columns})`,
);
const insert = db.prepare('INSERT INTO events VALUES (?, ?, ?, ?, ?, ?)');
const rows = Array.from({ length: Number(count) }, (_, index) => {
  const { source, id, type, subject, time, data } = eventOf(index);
  return [source, id, type, subject, Date.parse(time), JSON.stringify(data)] as const;
});
const began = performance.now();
for (let from = 0; from < rows.length; from += BODY_EVENTS) {
  db.exec('BEGIN IMMEDIATE');
  for (const row of rows.slice(from, from + BODY_EVENTS)) insert.run(...row);
  db.exec('COMMIT');
}
process.stdout.write(`${(1000 * rows.length) / (performance.now() - began)}`);
