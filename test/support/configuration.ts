import assert from 'node:assert/strict';
import { dirname } from 'node:path';
import { type Configuration, readConfiguration } from '../../src/config/configuration.ts';
import { DaybookError, FAILURES } from '../../src/core/errors.ts';
import { filesOf } from './bill.ts';

/** A configuration with something of everything, as it was designed. */
export const DESIGNED: string = `
store: { type: sqlite, path: daybook.db, keep: events }
sources:
  app-sessions: { type: file, paths: ["logs/app-*.log*"], format: session-log, log: day, date: from-name }
  connections:  { type: directory, path: incoming, format: connection-log, done: move }
  events:       { type: file, paths: [events.csv], format: csv, columns: { subject: 1, type: 2, id: 3, time: 4 } }
databases:
  platform: { type: postgres, url: "\${PLATFORM_URL}" }
  learning: { type: mysql, url: "\${LEARNING_URL}" }
meters:                                   # slug, eventType, aggregation, valueProperty, groupBy as OpenMeter has them
  - { slug: api_requests_total, eventType: request, aggregation: COUNT }
  - { slug: app_sessions, source: app-sessions, aggregation: SESSIONS }
reports:
  active-users:
    type: activity
    subjects: { database: platform, table: mindtickle_users, key: user_id, columns: [user_name], active: { active_status: active } }
    activity: { database: learning, table: lesson_completion, key: user_id, time: completion_date, count: rows }
    days: 30
    as: { date: date, count: lessons_completed }
    destination: { type: s3, bucket: reports, key: "active-users/{as_of}.csv" }
    schedule: "0 6 * * *"
    default: true
server: { host: 127.0.0.1, port: 8000 }
`;

/** Reads a text as the configuration of a folder, in which there are these files besides. */
export async function configured(
  text: string | Uint8Array,
  env: NodeJS.ProcessEnv = {},
  others: Readonly<Record<string, string>> = {},
): Promise<{ configuration: Configuration; folder: string }> {
  using files = filesOf({ 'daybook.yaml': text, ...others });
  const [path] = files.paths;
  return { configuration: await readConfiguration(path!, env), folder: dirname(path!) };
}

/** What is wrong with a text as a configuration, a line each, with places as `line:column: `. */
export async function wrongWith(...words: Parameters<typeof configured>): Promise<string[]> {
  try {
    await configured(...words);
    return [];
  } catch (error) {
    assert.ok(error instanceof DaybookError, String(error));
    assert.equal(FAILURES[error.code].exitCode, 2);
    assert.equal(error.message, error.lines.join('\n'));
    return error.lines.map((line) => line.replace(/^.*daybook[.]yaml(: |:)?/, ''));
  }
}
