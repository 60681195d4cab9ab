import type { DatabaseSync } from 'node:sqlite';
import { DaybookError } from '../../core/errors.ts';
import { defineTotals } from './sqlite-totals.ts';

/** Marks a file as ours: `file` and `PRAGMA application_id` show it. */
const APPLICATION_ID = 0x44_61_79_62; // "Dayb"

/**
 * What takes a store from one version to the next: the first makes it out of nothing. None is ever changed, so that
 * every store there is can be brought forward.
 */
const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

  -- A kind of records, all read alike; \`fields\` are the columns that its events have.
  CREATE TABLE streams (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    format TEXT NOT NULL,
    options TEXT NOT NULL,
    fields TEXT NOT NULL
  ) STRICT;

  -- Subjects, hosts and types.
  CREATE TABLE names (id INTEGER PRIMARY KEY, name BLOB NOT NULL UNIQUE) STRICT;

  -- Ids of inputs and segments are never used again: who still has one finds nothing, not something else.
  CREATE TABLE inputs (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    stream INTEGER NOT NULL REFERENCES streams,
    name TEXT NOT NULL,
    -- How many of its first bytes tell it from most others, and their SHA-256.
    head_bytes INTEGER NOT NULL,
    head TEXT NOT NULL,
    decoder TEXT
  ) STRICT;
  CREATE INDEX inputs_of_stream ON inputs (stream);

  -- A stretch of an input, kept at once. Bytes are those of the decompressed input.
  CREATE TABLE segments (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    input INTEGER NOT NULL REFERENCES inputs,
    from_byte INTEGER NOT NULL,
    to_byte INTEGER NOT NULL,
    -- SHA-256 of all bytes of the input in front of to_byte.
    digest TEXT NOT NULL,
    -- 1 for a last record without its end: it is withdrawn when more comes.
    is_rest INTEGER NOT NULL,
    lines INTEGER NOT NULL,
    blank INTEGER NOT NULL,
    counted INTEGER NOT NULL,
    duplicate INTEGER NOT NULL,
    conflict INTEGER NOT NULL,
    rejected TEXT NOT NULL,
    -- Whole milliseconds within ±2^53: one more than what integers are read up to.
    first_time REAL,
    last_time REAL,
    -- Ids in \`names\`, 32 bits each, of the names that the stretch's events number from 0.
    names BLOB NOT NULL
  ) STRICT;
  CREATE INDEX segments_of_input ON segments (input, from_byte);

  -- The journal: events in the order in which they stood, packed by \`packChunk\`.
  CREATE TABLE chunks (
    id INTEGER PRIMARY KEY,
    segment INTEGER NOT NULL REFERENCES segments,
    events INTEGER NOT NULL,
    first_time REAL NOT NULL,
    last_time REAL NOT NULL,
    body BLOB NOT NULL
  ) STRICT;
  CREATE INDEX chunks_of_segment ON chunks (segment);
  -- Which chunks have events in which minutes since the epoch.
  CREATE VIRTUAL TABLE chunk_minutes USING rtree_i32 (id, first, last);

  -- Events of each hour and of each minute of a UTC day, packed by \`packDay\`.
  CREATE TABLE rollups (
    stream INTEGER NOT NULL,
    subject INTEGER NOT NULL,
    day INTEGER NOT NULL,
    type INTEGER NOT NULL,
    -- Where there are few minutes, NULL: they say as soon what the hours are.
    hours BLOB,
    minutes BLOB NOT NULL,
    PRIMARY KEY (stream, subject, day, type)
  ) STRICT, WITHOUT ROWID;

  -- Every id that was counted, and a digest of what stood beside it.
  CREATE TABLE ids (
    stream INTEGER NOT NULL,
    id BLOB NOT NULL,
    content INTEGER NOT NULL,
    PRIMARY KEY (stream, id)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE rejects (
    segment INTEGER NOT NULL REFERENCES segments,
    line INTEGER NOT NULL,
    offset INTEGER NOT NULL,
    reason TEXT NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (segment, offset)
  ) STRICT, WITHOUT ROWID;
  `,
  `
  -- Some events of the stream before this instant, ms since the epoch, are forgotten.
  ALTER TABLE streams ADD COLUMN gone_before REAL;
  -- How many of those that are counted.
  ALTER TABLE segments ADD COLUMN forgotten INTEGER NOT NULL DEFAULT 0;
  `,
  `
  -- 1 where no report counts the stream's events by minute: beside events it has no rollups.
  ALTER TABLE streams ADD COLUMN events_only INTEGER NOT NULL DEFAULT 0;
  UPDATE streams SET events_only = 1 WHERE format IN ('session-log', 'connection-log');
  DELETE FROM rollups WHERE stream IN (SELECT id FROM streams WHERE events_only = 1)
    AND NOT EXISTS (SELECT 1 FROM settings WHERE name = 'keep' AND value = 'rollups');
  `,
  `
  -- Which hosts a chunk of connections has, packed by \`packHosts\`. Chunks from before this have no row: any host may
  -- be in them.
  CREATE TABLE chunk_hosts (id INTEGER PRIMARY KEY REFERENCES chunks, hosts BLOB NOT NULL) STRICT;
  `,
  `
  -- Duplicates and conflicts: what takes the place of the event that is counted with their id, where that is withdrawn.
  CREATE TABLE uncounted (
    stream INTEGER NOT NULL,
    id BLOB NOT NULL,
    segment INTEGER NOT NULL REFERENCES segments,
    position INTEGER NOT NULL,
    line INTEGER NOT NULL,
    time REAL NOT NULL,
    -- Ids in \`names\`; 0 where there is no such column.
    subject INTEGER NOT NULL,
    object INTEGER NOT NULL,
    type INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    value INTEGER NOT NULL,
    scale INTEGER NOT NULL,
    PRIMARY KEY (stream, id, segment, position)
  ) STRICT, WITHOUT ROWID;
  `,
  `
  -- 1 for one that is counted besides another one of the same content, as long as that is not done.
  ALTER TABLE inputs ADD COLUMN is_unfinished INTEGER NOT NULL DEFAULT 0;
  `,
  `
  -- Runs of reports. Ids are in the order in which they were begun; times are ms since the epoch.
  CREATE TABLE runs (
    id TEXT PRIMARY KEY,
    report TEXT NOT NULL,
    parameters TEXT NOT NULL,
    as_of TEXT NOT NULL,
    due INTEGER,
    started INTEGER NOT NULL,
    finished INTEGER,
    state TEXT NOT NULL,
    rows INTEGER,
    size_bytes INTEGER,
    sha256 TEXT,
    destination TEXT,
    key TEXT,
    draft TEXT,
    error TEXT,
    version TEXT NOT NULL,
    inputs TEXT NOT NULL,
    notes TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
  `
  -- Without it, taking back a segment would look at all duplicates there are.
  CREATE INDEX uncounted_of_segment ON uncounted (segment);
  `,
  `
  -- Keys to the service: of what is secret only the SHA-256. Times are ms since the epoch.
  CREATE TABLE keys (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    digest BLOB NOT NULL,
    scope TEXT NOT NULL,
    -- A JSON array of names; NULL is everybody.
    subjects TEXT,
    created REAL NOT NULL,
    expires REAL,
    revoked REAL,
    last_used REAL
  ) STRICT, WITHOUT ROWID;
  `,
  `
  -- What a duplicate or conflict says under \`data\`.
  ALTER TABLE uncounted ADD COLUMN data BLOB NOT NULL DEFAULT x'';
  `,
  `
  -- 1 where the segment's events are not in \`rollups\` yet: who reads adds them.
  ALTER TABLE segments ADD COLUMN is_pending INTEGER NOT NULL DEFAULT 0;
  CREATE INDEX pending_segments ON segments (input) WHERE is_pending = 1;
  -- The segment with which it came, which may be one with that in front by now.
  ALTER TABLE uncounted ADD COLUMN came INTEGER NOT NULL DEFAULT 0;
  UPDATE uncounted SET came = segment;
  -- Ids that are free since an input was withdrawn, and that others have, too: kept for the input that takes its place,
  -- until that is finished; of input 0 within a transaction only.
  CREATE TABLE freed (input INTEGER NOT NULL, id BLOB NOT NULL, PRIMARY KEY (input, id)) STRICT, WITHOUT ROWID;
  `,
  `
  -- Events of each hour of a UTC day, of all types, packed by \`packTotals\`: what \`rollups\` have, added up.
  CREATE TABLE totals (
    stream INTEGER NOT NULL,
    subject INTEGER NOT NULL,
    day INTEGER NOT NULL,
    hours BLOB NOT NULL,
    PRIMARY KEY (stream, subject, day)
  ) STRICT, WITHOUT ROWID;
  INSERT INTO totals SELECT stream, subject, day, totals_of(minutes) FROM rollups GROUP BY stream, subject, day;
  `,
];

/** The version of stores that are made now. */
const SCHEMA_VERSION: number = MIGRATIONS.length;

/**
 * Brings a store to the version of now, in one transaction.
 *
 * @throws DaybookError `STORE_UNUSABLE` - It is of a later version, or something else than a store.
 */
export function migrate(db: DatabaseSync, path: string): void {
  if (versionOf(db, path) === SCHEMA_VERSION) return;
  defineTotals(db);
  db.exec('BEGIN IMMEDIATE');
  // Another process may have done it meanwhile.
  for (const migration of MIGRATIONS.slice(versionOf(db, path))) db.exec(migration);
  db.exec(`PRAGMA application_id = ${APPLICATION_ID}`);
  db.exec(`PRAGMA user_version = ${SCHEMA_VERSION}; COMMIT`);
}

/**
 * Refuses a store that would have to be brought forward first.
 *
 * @throws DaybookError `STORE_UNUSABLE`
 */
export function requireCurrent(db: DatabaseSync, path: string): void {
  if (versionOf(db, path) !== SCHEMA_VERSION)
    throw new DaybookError(
      'STORE_UNUSABLE',
      `${path} is empty, or of an older Daybook; ingest first`,
    );
}

/** Whether a store is of an older version; one that is empty is of none. */
export function isOlder(db: DatabaseSync, path: string): boolean {
  const version = versionOf(db, path);
  return version > 0 && version < SCHEMA_VERSION;
}

/** The version of a store; 0 of an empty database. */
function versionOf(db: DatabaseSync, path: string): number {
  const [version, application] = [pragma(db, 'user_version'), pragma(db, 'application_id')];
  if (version === 0 && application === 0 && isEmpty(db)) return 0;
  if (application !== APPLICATION_ID)
    throw new DaybookError('STORE_UNUSABLE', `${path} is a database, but not one of Daybook`);
  if (version <= SCHEMA_VERSION) return version;
  throw new DaybookError(
    'STORE_UNUSABLE',
    `${path} was written by a newer Daybook (store version ${version}, this one knows ${SCHEMA_VERSION}); update Daybook`,
  );
}

function pragma(db: DatabaseSync, name: string): number {
  return Number(db.prepare(`PRAGMA ${name}`).get()![name]);
}

function isEmpty(db: DatabaseSync): boolean {
  return db.prepare('SELECT 1 FROM sqlite_schema').get() === undefined;
}
