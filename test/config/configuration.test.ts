import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { pathFrom } from '../../src/config/configuration.ts';
import { configured, wrongWith } from '../support/configuration.ts';

const DESIGNED = `
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
const URLS = { PLATFORM_URL: 'postgres://db/platform', LEARNING_URL: 'mysql://db/learning' };
/** How many random texts are read: more in the long form. */
const RUNS = Number(process.env['DAYBOOK_FUZZ_RUNS'] ?? 2000) / 4;

describe('a configuration', () => {
  test('has the shape of the design', async () => {
    const { folder, configuration } = await configured(DESIGNED, URLS);
    const { sources, databases, meters, reports } = configuration;
    assert.deepEqual(sources.get('app-sessions'), {
      type: 'file',
      paths: [join(folder, 'logs/app-*.log*')],
      format: 'session-log',
      log: 'day',
      date: 'from-name',
      spans_midnight: false,
      extra_fields: 'reject',
    });
    assert.deepEqual(sources.get('connections'), {
      type: 'directory',
      path: join(folder, 'incoming'),
      done: 'move',
      format: 'connection-log',
      time_unit: 'ms',
    });
    assert.deepEqual(databases.get('learning'), { type: 'mysql', url: URLS.LEARNING_URL });
    const slugs = meters.map(({ slug }) => slug);
    assert.deepEqual(slugs, ['api_requests_total', 'app_sessions']);
    assert.equal(reports.get('active-users')?.activity.count, 'rows');
  });

  test('is as its documentation shows it', async () => {
    const page = readFileSync(join(import.meta.dirname, '../../docs/configuration.md'), 'utf8');
    const [, example = ''] = /```yaml\n([^`]+)```/.exec(page) ?? [];
    const { configuration } = await configured(example, {
      ...URLS,
      S3_KEY_ID: 'id',
      S3_SECRET_KEY: 'secret',
    });
    assert.equal(configuration.sources.size, 4);
  });

  test('has a default for all that is left out', async () => {
    for (const text of ['', '# nothing\n', 'sources:\nmeters:\n', 'store: {}\nserver: { host: }']) {
      const { folder, configuration } = await configured(text);
      assert.deepEqual(configuration, {
        store: { type: 'sqlite', path: join(folder, 'daybook.db'), keep: 'events' },
        sources: new Map(),
        databases: new Map(),
        meters: [],
        reports: new Map(),
        history: { type: 'store' },
        server: { host: '127.0.0.1', port: 8000 },
        log: { level: 'info' },
      });
    }
  });

  test('finds only parts of its own, whatever they are called', async () => {
    const text = 'databases: { constructor: { type: mysql, url: mysql://h/d } }';
    const { databases } = (await configured(text)).configuration;
    assert.deepEqual([...databases.keys()], ['constructor']);
    assert.equal(databases.get('toString'), undefined);
  });

  test('starts relative paths at its folder', async () => {
    const { folder, configuration } = await configured(`
      store: { path: data/daybook.db }
      sources:
        logs: { type: file, paths: [a.log, /b.log, "c*.log"], format: connection-log }
        folder: { type: directory, path: in, format: connection-log }
      reports:
        r:
          type: activity
          subjects: { database: d, table: t, key: k }
          activity: { database: d, table: t, key: k, time: t }
          destination: { type: file, path: r.csv }
      databases: { d: { type: mysql, url: mysql://h/d } }
      log: { file: ../daybook.log }`);
    const { store, sources, reports, log } = configuration;
    assert.equal(store.path, join(folder, 'data/daybook.db'));
    const [logs, directory] = [...sources.values()];
    assert.ok(logs?.type === 'file' && directory?.type === 'directory');
    assert.deepEqual(logs.paths, [join(folder, 'a.log'), '/b.log', join(folder, 'c*.log')]);
    assert.equal(directory.path, join(folder, 'in'));
    assert.deepEqual(reports.get('r')?.destination, {
      type: 'file',
      path: join(folder, 'r.csv'),
      overwrite: false,
    });
    assert.equal(log.file, join(folder, '../daybook.log'));
  });

  test('takes the name of its folder for no pattern', () => {
    assert.equal(pathFrom('a[1]', 'x.log'), 'a[1]/x.log');
    assert.equal(pathFrom('a[1]', '*.log'), 'a[[]1]/*.log');
    assert.equal(pathFrom('.', '*.log'), '*.log');
  });

  test('may repeat a part by an alias', async () => {
    const { sources } = (
      await configured(`
      sources:
        a: &log { type: file, paths: [x.log], format: session-log }
        b: *log`)
    ).configuration;
    assert.deepEqual(sources.get('a'), sources.get('b'));
  });
});

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

  for (const [text, ...said] of [
    ['a: 1\na: 2', '2:1: the key "a" stands here twice'],
    ['__proto__: { x: 1 }', '1:1: unknown key "__proto__"'],
    ['sources: { __proto__: 3 }', '1:12: sources: unknown key "__proto__"'],
    ['? [a]\n: b', '1:3: expected a word as key'],
    ['- a', '1:1: expected keys and values'],
    ['store: 3', '1:8: store: expected keys and values'],
    ['store: *nobody', '1:1: store: there is no anchor &nobody above'],
    ['store: !odd {}', '1:8: Unresolved tag: !odd'],
    ['a: 1\n---\nb: 2', '2:1: a second document'],
    ['sources: { a: ${A} }', '1:16: write "${…}" in quotes here'],
    ['store:\n\tpath: a', '2:1: Tabs are not allowed as indentation'],
    ['store: "', '1:9: Missing closing "quote'],
    [
      `a: ${'['.repeat(100)}${']'.repeat(100)}`,
      '1:1: unknown key "a"',
      `1:36: a${'[0]'.repeat(32)}: this is nested too deeply`,
    ],
    [`a: [${'1,'.repeat(100_000)}]`, '1:200001: a[99998]: this is too much'],
  ] as const) {
    test(`says so of ${JSON.stringify(text.slice(0, 30))}`, async () => {
      assert.deepEqual(await wrongWith(text), said);
    });
  }

  test('does not grow by aliases of aliases', async () => {
    const letters = [...'abcdefghij'];
    const lines = letters.map((it, i) => `${it}: &${it} [${`*${letters[i - 1]},`.repeat(i && 9)}]`);
    const wrong = await wrongWith(lines.join('\n'));
    assert.match(wrong.join('\n'), /there are too many aliases/);
    assert.deepEqual(await wrongWith('a: &a [*a]'), [
      '1:1: unknown key "a"',
      `1:8: a${'[0]'.repeat(32)}: this is nested too deeply`,
    ]);
  });

  test('tells no more than anyone reads', async () => {
    const keys = Array.from({ length: 1000 }, (_, i) => `k${i}: 1`);
    const wrong = await wrongWith(keys.join('\n'));
    assert.equal(wrong.length, 51);
    assert.equal(wrong.at(-1), 'and 950 more');
  });

  test('is refused if it is no text of a reasonable size', async () => {
    assert.deepEqual(await wrongWith(Buffer.alloc((1 << 20) + 1, '#')), [' is larger than 1 MiB']);
    assert.deepEqual(await wrongWith(Buffer.alloc(1 << 20, '#')), []);
    assert.deepEqual(await wrongWith(Buffer.from([0xff, 0xfe])), [' is no text in UTF-8']);
  });

  test('never fails in another way, whatever stands in it', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryText(), async (text) => {
        await wrongWith(text, { A: 'a', B_FILE: '/' });
      }),
      { numRuns: RUNS },
    );
  });
});

/** Texts that are nearly configurations, as often as they are anything. */
function arbitraryText(): fc.Arbitrary<string | Uint8Array> {
  const word = fc.oneof(
    fc.constantFrom(
      ...DESIGNED.match(/[a-z_]+|[^a-z_ ]+/g)!,
      ...[
        '\n',
        '\n  ',
        '\n    - ',
        ': ',
        '- ',
        '&a ',
        '*a',
        '!!str ',
        '|\n',
        '>-\n',
        '"',
        "'",
        '\t',
        '\0',
      ],
      ...[
        '${A}',
        '${B}',
        '${A:-',
        '$${',
        '}',
        '__proto__: ',
        'constructor: ',
        '<<: ',
        '? ',
        '%YAML',
        '---\n',
      ],
    ),
    fc.string({ unit: 'binary' }),
  );
  const words = fc.array(word, { maxLength: 60 }).map((them) => them.join(''));
  const damaged = fc
    .tuple(fc.nat(DESIGNED.length), fc.nat(20), words)
    .map(([at, length, text]) => DESIGNED.slice(0, at) + text + DESIGNED.slice(at + length));
  const values = fc.json().map((text) => text);
  return fc.oneof(words, damaged, values, fc.uint8Array());
}
