import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { daybook, type Ran, type RunOptions } from './cli.ts';
import { mariadbServer, needsMariadb } from './mariadb-server.ts';
import { needsPostgres, postgresServer } from './postgres-server.ts';

/** Options of a test that needs both databases. */
export function needsDatabases(): { skip: string | false } {
  return { skip: needsPostgres().skip || needsMariadb().skip };
}

const USERS = `
  CREATE TABLE users (id INT, name VARCHAR(200), status VARCHAR(20));
  INSERT INTO users VALUES (10, 'Cy', 'active'), (2, 'Ada', 'active'), (1, 'Bob', 'gone');`;
const DONE = `
  CREATE TABLE done (user_id INT, day DATE);
  INSERT INTO done VALUES (2, '2026-02-28'), (2, '2026-02-28'), (10, '2026-03-01'), (1, '2026-03-01');`;

/** What the report of these is on 2026-03-01. */
export const ADA_AND_CY = 'id,name,date,lessons\r\n2,Ada,2026-02-28,2\r\n10,Cy,2026-03-01,1\r\n';

/** A folder with a configuration of a report of users in PostgreSQL and of what they did in MariaDB, and a `daybook.db`. */
export class ActivityFolder implements Disposable {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'daybook-activity-'));
  readonly config: string = join(this.folder, 'daybook.yaml');
  readonly users: string;
  readonly done: string;

  private constructor(users: string, done: string) {
    this.users = users;
    this.done = done;
    mkdirSync(join(this.folder, 'out'));
    this.configure();
  }

  static async made(): Promise<ActivityFolder> {
    const [postgres, mariadb] = await Promise.all([postgresServer(), mariadbServer()]);
    return new ActivityFolder(await postgres.database(USERS), await mariadb.database(DONE));
  }

  /**
   * Writes the configuration.
   *
   * @param report - Lines of the report besides where its rows come from.
   * @param others - Lines of the file.
   */
  configure(
    report: string = 'destination: { type: file, path: "out/{as_of}.csv" }',
    { others = '', users = this.users }: { others?: string; users?: string } = {},
  ): void {
    const lines = `databases:
  platform: { type: postgres, url: "${users}" }
  learning: { type: mysql, url: "${this.done}" }
reports:
  active-users:
    type: activity
    subjects: { database: platform, table: users, key: id, columns: [name], active: { status: active } }
    activity: { database: learning, table: done, key: user_id, time: day }
    as: { count: lessons }
    ${report.replaceAll('\n', '\n    ')}
${others}`;
    writeFileSync(this.config, lines);
  }

  /** Asks queries instead of the tables. */
  slow({ users, done }: { readonly users: string; readonly done: string }): void {
    const text = readFileSync(this.config, 'utf8')
      .replace('table: users', `query: "${users}"`)
      .replace('table: done', `query: "${done}"`);
    writeFileSync(this.config, text);
  }

  /** Runs a command with the configuration. */
  run(words: readonly string[], options: RunOptions = {}): Promise<Ran> {
    return daybook([...words, '-c', this.config], options);
  }

  /** Runs, the first first, of JSON lines. */
  async runs(): Promise<Record<string, unknown>[]> {
    const { stdout } = await this.run(['runs', '--format', 'ndjson', '--limit', '1000']);
    const lines = stdout.split('\n').filter((line) => line !== '');
    return lines.map((line) => JSON.parse(line) as Record<string, unknown>).reverse();
  }

  /** What stands in the destination, by name. */
  files(): Record<string, string> {
    const names = readdirSync(join(this.folder, 'out'));
    return Object.fromEntries(
      names.map((name) => [name, readFileSync(join(this.folder, 'out', name), 'utf8')]),
    );
  }

  async changeDone(sql: string): Promise<void> {
    await (await mariadbServer()).run(this.done, sql);
  }

  [Symbol.dispose](): void {
    if (existsSync(this.folder)) rmSync(this.folder, { recursive: true });
  }
}
