import { execFileSync } from 'node:child_process';
import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { daybook } from './daybook.ts';
import { logFile } from './log-file.ts';
import type { LogShape } from './log-shape.ts';

/** The path of a store of generated events, which is made if it is not there yet. */
export function eventStore(folder: string, shape: LogShape): string {
  const csv = logFile(folder, 'events', shape);
  const database = `${csv}.db`;
  if (existsSync(database)) return database;
  process.stderr.write(`ingesting ${csv}\n`);
  const draft = `${database}.part`;
  for (const end of ['', '-wal', '-shm']) rmSync(`${draft}${end}`, { force: true });
  const configuration = join(folder, 'event-store.yaml');
  const columns = { subject: 1, type: 2, time: 4 };
  const events = { type: 'file', paths: [csv], format: 'csv', columns };
  writeFileSync(configuration, JSON.stringify({ store: { path: draft }, sources: { events } }));
  const { program, args } = daybook('ingest', '-q', '-c', configuration);
  execFileSync(program, args, { stdio: 'inherit' });
  renameSync(draft, database); // A store that is there is whole.
  return database;
}
