import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { daybook } from '../support/daybook.ts';
import type { Command } from '../support/measure.ts';

/** A way to get the events of a CSV into one file. */
export interface IngestTask {
  readonly name: string;
  /** The contender that it is compared with. */
  readonly baseline: string;
  /** Makes what the command needs, and says what to run; `database` is not there yet. */
  command(folder: string, csv: string, database: string): Command;
}

const KEYED = 'sqlite3 `.import`, keyed by customer, time and id';
const UNIQUE = 'sqlite3 `.import`, keyed by id';

/** Each is compared with the shell's import into a table that has the same key. */
export const INGEST_TASKS: readonly IngestTask[] = [
  {
    name: '`daybook ingest`',
    baseline: KEYED,
    command: (folder, csv, database) => ingest(folder, csv, database, {}),
  },
  {
    name: '`daybook ingest`, `keep: rollups`',
    baseline: KEYED,
    command: (folder, csv, database) => ingest(folder, csv, database, { keep: 'rollups' }),
  },
  {
    name: KEYED,
    baseline: KEYED,
    command: (folder, csv, database) =>
      shell(folder, csv, database, 'PRIMARY KEY (customer, time, id)'),
  },
  {
    name: '`daybook ingest`, each id once',
    baseline: UNIQUE,
    command: (folder, csv, database) => ingest(folder, csv, database, { id: 3 }),
  },
  {
    name: UNIQUE,
    baseline: UNIQUE,
    command: (folder, csv, database) => shell(folder, csv, database, 'PRIMARY KEY (id)'),
  },
];

function ingest(
  folder: string,
  csv: string,
  database: string,
  { keep = 'events', id }: { keep?: string; id?: number },
): Command {
  const configuration = join(folder, 'ingest.yaml');
  const columns = { subject: 1, type: 2, time: 4, ...(id !== undefined && { id }) };
  const events = { type: 'file', paths: [csv], format: 'csv', columns };
  // JSON is YAML, too.
  writeFileSync(
    configuration,
    JSON.stringify({ store: { type: 'sqlite', path: database, keep }, sources: { events } }),
  );
  return daybook('ingest', '-q', '-c', configuration);
}

function shell(folder: string, csv: string, database: string, key: string): Command {
  const script = join(folder, 'import.sql');
  writeFileSync(
    script,
    `CREATE TABLE journal (customer TEXT, type TEXT, id TEXT, time TEXT, ${key}) WITHOUT ROWID;
.mode csv
.import ${csv} journal
`,
  );
  return { program: 'sqlite3', args: [database, `.read ${script}`] };
}
