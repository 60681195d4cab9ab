import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { wrongWith } from '../support/configuration.ts';

describe('a configuration that is wrong', () => {
  test('is refused with all that is wrong, in the order of the file', async () => {
    const text = `
store: { keep: all }
sorces: 3
sources:
  app:
    type: file
    path: [a.log]
    format: session-log
    session_timeout: 30x
    tz: Mars/Olympus
    date: 2021-02-30
server: { port: 65536 }
log: { file: "\${NOWHERE}" }
`;
    assert.deepEqual(await wrongWith(text), [
      '2:16: store.keep: expected one of events, rollups',
      '3:1: unknown key "sorces"; did you mean "sources"?',
      '7:5: sources.app: unknown key "path"; did you mean "paths"?',
      '9:22: sources.app.session_timeout: expected a duration such as 10s, 30m, 1h or 30d',
      '10:9: sources.app.tz: expected a time zone such as UTC or Europe/Berlin',
      '11:11: sources.app.date: expected a day such as 2021-03-01, or from-name',
      '12:17: server.port: expected a whole number from 0 to 65535',
      '13:14: log.file: there is no variable NOWHERE; set it, or write ${NOWHERE:-default}',
    ]);
  });

  for (const [options, place, said] of [
    ['type: file, format: session-log', '1:12', ': "paths" is missing'],
    ['paths: [a]', '1:12', ': "type" is missing; it is one of file, directory'],
    [
      'type: fle, paths: [a]',
      '1:23',
      '.type: expected one of file, directory; did you mean "file"?',
    ],
    [
      'type: file, paths: [a], format: xml',
      '1:49',
      '.format: expected one of session-log, connection-log, csv, ndjson',
    ],
    ['type: file, paths: [], format: csv', '1:36', '.paths: expected at least one'],
    ['type: file, paths: a, format: csv', '1:36', '.paths: expected a list'],
    [
      'type: file, paths: ["-"], format: csv',
      '1:37',
      '.paths[0]: expected the path of a file or folder',
    ],
    ['type: file, paths: [a], format: csv, done: move', '1:54', ': unknown key "done"'],
    [
      'type: file, paths: [a], format: session-log, time_unit: s',
      '1:62',
      ': unknown key "time_unit"',
    ],
    ['type: file, paths: [a], format: connection-log, tz: UTC', '1:65', ': unknown key "tz"'],
    [
      'type: file, paths: [a], format: ndjson, columns: { subject: s, time: t }, header: none',
      '1:91',
      ': unknown key "header"',
    ],
    [
      'type: file, paths: [a], format: csv, columns: { subject: 0, time: 2 }',
      '1:74',
      '.columns.subject: expected a column: its number from 1, or its name in the header',
    ],
    [
      'type: file, paths: [a], format: csv, header: none, columns: { subject: who, time: 2 }',
      '1:88',
      '.columns.subject: expected a number from 1: with header: none no column has a name',
    ],
    [
      'type: file, paths: [a], format: csv, fields: 3',
      '1:12',
      '.columns.time: there is no such column: rows have fields: 3',
    ],
    [
      'type: file, paths: [a], format: ndjson, columns: { subject: 1, time: t }',
      '1:77',
      '.columns.subject: expected text',
    ],
    ['type: file, paths: [a], format: ndjson', '1:12', ': "columns" is missing'],
  ] as const) {
    test(`says so of a source { ${options} }`, async () => {
      const text = `sources: { s: { ${options} } }`;
      assert.deepEqual(await wrongWith(text), [`${place}: sources.s${said}`]);
    });
  }

  test('says so of meters', async () => {
    const text = `
meters:
  - { slug: Total, eventType: e, aggregation: COUNT }
  - { slug: a, aggregation: COUNT }
  - { slug: a, eventType: e, aggregation: SUM }
  - { slug: b, eventType: e, aggregation: SESSIONS, valueProperty: $.v }
  - { slug: c, source: evnts, aggregation: MEAN, groupBy: [] }
  - { slug: d, eventType: e, aggregation: SUM, valueProperty: tokens }
  - { slug: e, source: events, aggregation: SESSIONS, groupBy: { subject: $.s } }
sources: { events: { type: file, paths: [e], format: csv } }
`;
    assert.deepEqual(await wrongWith(text), [
      '3:13: meters[0].slug: expected a slug: lower-case letters and digits, in words joined by _',
      '4:5: meters[1]: "eventType" or "source" is missing: what is to be counted?',
      '5:5: meters[2]: "valueProperty" is missing: SUM of what?',
      '5:13: meters[2].slug: another meter is called so',
      '6:5: meters[3]: SESSIONS has no "valueProperty"',
      '6:5: meters[3]: SESSIONS has no "eventType"',
      '7:24: meters[4].source: there is no source "evnts"; did you mean "events"?',
      '7:44: meters[4].aggregation: expected one of COUNT, SUM, MIN, MAX, AVG, UNIQUE_COUNT, LATEST, SESSIONS',
      '7:59: meters[4].groupBy: expected keys and values',
      '8:63: meters[5].valueProperty: "tokens" is no path; write $.name, $.outer.inner, $[\'a name\'] or $.list[0]',
      '9:5: meters[6]: no group is called "subject": usage is told by it anyway',
      '9:5: meters[6]: SESSIONS has no "groupBy"',
    ]);
  });

  test('knows events that are posted, and no source of their name', async () => {
    const source = '{ type: file, paths: [a], format: connection-log }';
    const meter = 'meters: [{ slug: calls, source: posted, aggregation: COUNT }]';
    assert.deepEqual(await wrongWith(`sources:\n  posted: ${source}\n${meter}`), [
      '2:11: sources.posted: events that are posted are called posted; give the source another name',
    ]);
  });

  test('says so of databases and reports', async () => {
    const text = `
databases: { p: { type: postgres, url: "mysql://h" }, "q r": { type: mysql, url: mysql://h } }
reports:
  a: &a
    type: activity
    subjects: { database: nope, table: t, key: k }
    activity: { database: p, table: t, key: k, time: t, count: 3 }
    schedule: daily
    default: true
  b: { type: activity, default: "\${YES:-true}" }
`;
    assert.deepEqual(await wrongWith(text), [
      '2:40: databases.p.url: expected a URL such as postgres://user:password@host/database',
      '2:55: databases: expected a name: a letter, then letters, digits, - or _, not "q r"',
      '6:27: reports.a.subjects.database: there is no database "nope"',
      '7:64: reports.a.activity.count: expected rows, or { distinct: COLUMN }',
      '8:15: reports.a.schedule: expected five fields, such as "0 6 * * *"',
      '8:15: reports.a.schedule: a report that is made on schedule needs a destination',
      '10:3: reports.b: "subjects" is missing',
      '10:3: reports.b: "activity" is missing',
      '10:33: reports.b.default: "a" is the default',
    ]);
  });

  test('says so of how to connect, and of what reports read and show', async () => {
    const text = `
databases:
  a: { type: mysql, database: d }
  b: { type: mysql, url: mysql://h/d, host: h }
  c: { type: mysql, url: mysql://h/d, ssl: off, ca: ca.pem }
  d: { type: mysql, host: h }
reports:
  r:
    type: activity
    subjects: { database: a, key: id, columns: [name] }
    activity: { database: b, table: t, query: SELECT 1, key: k, time: t }
  s:
    type: activity
    subjects: { database: a, table: t, key: id, columns: [name] }
    activity: { database: b, table: t, key: k, time: t }
    as: { count: name }
    columns: [{ title: A, from: id }, { title: A, from: nam }]
`;
    assert.deepEqual(await wrongWith(text), [
      '3:3: databases.a.host: say the host, or a url',
      '4:45: databases.b.host: the URL says it, too; say it once',
      '5:53: databases.c.ca: certificates are for ssl: verify',
      '6:3: databases.d.database: which database of the server? The URL ends with it',
      '10:15: reports.r.subjects: say the table, or a query',
      '11:15: reports.r.activity: say table or query, not both',
      '16:9: reports.s.as: two columns are called "name"',
      '17:48: reports.s.columns[1].title: another column is called "A"',
      '17:57: reports.s.columns[1].from: there is no column "nam"; did you mean "name"?',
    ]);
  });
});
