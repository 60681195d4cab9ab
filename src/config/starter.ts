import { lstat, mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DaybookError, systemCode } from '../core/errors.ts';
import { CONFIGURATION_FILE } from './configuration.ts';

const CONFIGURATION = `# What Daybook reads, and where it keeps it. "daybook check" says whether all is right.
# Paths start at the folder of this file. \${NAME} and \${NAME:-default} are variables, of .env too.
# Every key is explained by "daybook check --schema > daybook.schema.json", in editors that know this line:
# yaml-language-server: $schema=daybook.schema.json

store:
  type: sqlite
  path: daybook.db
  keep: events # every event; or rollups: only counts by minute and hour

sources:
  # Events of customers: comma-separated values, columns by number from 1 or by name in the header.
  events:
    type: file
    paths: ["events/*.csv"]
    format: csv
    columns: { subject: 1, type: 2, time: 4 }

  # Lines HH:MM:SS NAME Start|End.
  # sessions:
  #   type: file
  #   paths: ["logs/sessions-*.log*"]
  #   format: session-log
  #   log: day # a log is a day; or file, or all
  #   date: from-name

  # Lines EPOCH SOURCE TARGET, in files that appear in a folder.
  # connections:
  #   type: directory
  #   path: incoming
  #   format: connection-log
  #   time_unit: ms
  #   done: move # to incoming/processed/ when it is counted

# What is counted of events of a type, of all sources and of what is posted, as OpenMeter has it.
meters:
  - slug: api_requests_total
    eventType: request
    aggregation: COUNT
    groupBy: { method: $.method, route: $.route } # of those that have data
  # - { slug: tokens_total, eventType: prompt, aggregation: SUM, valueProperty: $.tokens, groupBy: { model: $.model } }

# databases:
#   platform: { type: postgres, url: "\${PLATFORM_URL}" }

# server: { host: 127.0.0.1, port: 8000 }
# log: { level: info, file: daybook.log }
`;

const ENVIRONMENT = `# Variables of ${CONFIGURATION_FILE}, if this is copied to .env beside it; those of the process win over them.
# Keep .env out of version control. PLATFORM_URL_FILE=/run/secrets/url would name a file that has the value.

# PLATFORM_URL=postgres://user:password@localhost:5432/platform

# These stand above ${CONFIGURATION_FILE}.
# DAYBOOK_STORE_PATH=daybook.db
# DAYBOOK_SERVER_PORT=8000
# DAYBOOK_LOG_LEVEL=info
`;

/**
 * Writes a configuration to start from, and an example of its `.env`: both or none.
 *
 * @returns Their paths.
 * @throws DaybookError `DESTINATION_UNWRITABLE` - One of them is there already, or cannot be written.
 */
export async function writeStarter(folder: string): Promise<string[]> {
  const files = [
    [join(folder, CONFIGURATION_FILE), CONFIGURATION],
    [join(folder, '.env.example'), ENVIRONMENT],
  ] as const;
  const present: string[] = [];
  for (const [path] of files) if (await lstat(path).catch(() => undefined)) present.push(path);
  if (present.length > 0) {
    const verb = present.length === 1 ? 'is' : 'are';
    throw unwritable(`${present.join(' and ')} ${verb} there already; nothing was written`);
  }
  const written: string[] = [];
  try {
    await mkdir(folder, { recursive: true });
    for (const [path, text] of files) {
      await using handle = await open(path, 'wx'); // Who makes it in between keeps it.
      written.push(path);
      await handle.writeFile(text);
    }
    return written;
  } catch (cause) {
    for (const path of written) await rm(path, { force: true });
    throw unwritable(`cannot write to ${folder}: ${systemCode(cause) ?? cause}`, cause);
  }
}

function unwritable(message: string, cause?: unknown): DaybookError {
  return new DaybookError('DESTINATION_UNWRITABLE', message, { cause });
}
