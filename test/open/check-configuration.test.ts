import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { DaybookError } from '../../src/core/errors.ts';
import { checkConfiguration } from '../../src/open/check-configuration.ts';
import { filesOf } from '../support/bill.ts';

const LOGS = 'type: file, format: connection-log, paths:';

const LOCKED = `store: { path: daybook.db }
sources:
  a: { ${LOGS} [a.log] }
  b: { type: directory, path: in, format: connection-log, done: move }
log: { file: in/daybook.log }
`;
const AS_NOBODY = `
import fc from 'fast-check';
import { checkConfiguration } from ${JSON.stringify(import.meta.resolve('../../src/open/check-configuration.ts'))};
if (process.getuid() === 0) process.setuid(65534);
try { checkConfiguration(process.argv[1], {}); } catch (error) { console.log(error.message); }
`;

describe('a checked configuration', () => {
  test('is told as it is in effect, and is a configuration itself', () => {
    const { effective } = checked('server: { port: "${PORT:-80}" }\nstore:\n', {});
    assert.equal(
      effective,
      [
        ...['store:', '  type: sqlite', '  path: daybook.db', '  keep: events'],
        ...['sources: {}', 'databases: {}', 'meters: []', 'reports: {}'],
        ...['history:', '  type: store'],
        ...['server:', '  host: 127.0.0.1', '  port: "***"', 'log:', '  level: info', ''],
      ].join('\n'),
    );
    const plain = checked('server: { port: 80 }', {}).effective;
    assert.equal(checked(plain, {}).effective, plain);
  });

  for (const [url, shown] of [
    ['mysql://user:pass@host/db', 'mysql://user:***@host/db'],
    ['mysql://user@host/db', 'mysql://user@host/db'],
    ['mysql://host:3306/db?ssl=1&password=pass', 'mysql://host:3306/db?ssl=1&password=***'],
    ['mysql://user:p@ss@host/db', 'mysql://user:***@host/db'],
    ['mysql://user:1/ss@host/db', '***'],
    ['mysql://user:1?ss@host/db', '***'],
    ['mysql://user:1#ss@host/db', '***'],
    ['mysql://user:pass@host:port/db', '***'],
    ['mysql://user:pass@h1:1,h2:2/db', '***'],
  ] as const) {
    test(`shows ${url} as ${shown}, whether it is written or comes from a variable`, () => {
      const quoted = shown === '***' ? '"***"' : shown;
      const text = (word: string) => `databases: { d: { type: mysql, url: "${word}" } }`;
      assert.equal(lineOf(checked(text(url), {}).effective, 'url'), quoted);
      assert.equal(lineOf(checked(text('${U}'), { U: url }).effective, 'url'), quoted);
    });
  }

  test('shows no variable, and no password in any URL', () => {
    const { effective } = checked(
      `
reports:
  r:
    type: activity
    subjects: { database: d, table: "\${TABLE}", key: user_id, active: { api_key: sesame } }
    activity: { database: d, table: t, key: k, time: t }
    destination: { type: s3, bucket: b, key: name, endpoint: "https://user:sesame@minio" }
databases: { d: { type: mysql, url: "mysql://\${USER}:\${PASSWORD:-sesame}@h/d" } }`,
      { TABLE: 'sesame', USER: 'ada' },
    );
    assert.doesNotMatch(effective, /sesame/);
    assert.equal(lineOf(effective, 'key'), 'user_id');
    assert.equal(lineOf(effective, 'url'), 'mysql://ada:***@h/d');
  });

  test('never shows a password that a variable has, whatever it is', () => {
    const text = `databases: { d: { type: mysql, url: "mysql://user:\${P}@host/db?ssl=1" } }`;
    const password = fc.tuple(
      fc.string({ maxLength: 5 }),
      fc.stringMatching(/^[@:/?#%&=[\]\\ \n'"-]{0,3}$/),
    );
    fc.assert(
      fc.property(password, ([before, mark]) => {
        const { effective } = checked(text, { P: `${before}${mark}sesame` });
        assert.doesNotMatch(effective, /sesame/);
      }),
      { numRuns: 300 },
    );
  });

  test('has notes of patterns that match nothing yet', () => {
    const { notes } = checked(`sources: { s: { ${LOGS} ["*.log", "*.yaml"] } }`, {});
    assert.deepEqual(notes, ['daybook.yaml:1:61: sources.s.paths[0]: no file matches *.log yet']);
  });

  test('finds files in a folder whose name looks like a pattern', () => {
    using files = filesOf({ x: '' });
    const folder = join(dirname(files.paths[0]!), '[a]');
    mkdirSync(folder);
    const path = join(folder, 'daybook.yaml');
    writeFileSync(path, `sources: { s: { ${LOGS} ["*.yaml"] } }`);
    assert.deepEqual(checkConfiguration(path, {}).notes, []);
  });

  test('is refused with all files and folders that cannot be used', () => {
    const text = `
store: { path: gone/daybook.db }
sources:
  a: { ${LOGS} [a.log, b.log, logs, daybook.yaml] }
  b: { type: directory, path: a.log, format: csv }
  c: { type: directory, path: inbox, format: csv, done: move }
log: { file: logs }
`;
    assert.deepEqual(wrongWith(text, { DAYBOOK_STORE_PATH: 'a.log/daybook.db' }), [
      'daybook.yaml:4:59: sources.a.paths[1]: there is no file FOLDER/b.log; check the path',
      'daybook.yaml:4:66: sources.a.paths[2]: FOLDER/logs is a folder; say type: directory, or name the files in it',
      'daybook.yaml:5:31: sources.b.path: FOLDER/a.log is no folder',
      'daybook.yaml:6:31: sources.c.path: there is no folder FOLDER/inbox; make it, or check the path',
      'daybook.yaml:7:14: log.file: FOLDER/logs is a folder; name a file',
      'daybook.yaml: DAYBOOK_STORE_PATH: FOLDER/a.log is no folder',
    ]);
  });

  test('is refused with all that may not be read or written', () => {
    using files = filesOf({ 'daybook.yaml': LOCKED, 'a.log': '', 'daybook.db': '' });
    const [path, log, store] = files.paths;
    const folder = dirname(path!);
    mkdirSync(join(folder, 'in'), { mode: 0o555 });
    chmodSync(log!, 0o200);
    chmodSync(store!, 0o444);
    chmodSync(path!, 0o444);
    chmodSync(folder, 0o777);
    // Nobody in particular, since the superuser may do all.
    const answer = execFileSync(process.execPath, ['--input-type=module', '-e', AS_NOBODY, path!], {
      encoding: 'utf8',
    });
    assert.deepEqual(answer.replaceAll(`${folder}/`, '').split('\n'), [
      'daybook.yaml:1:16: store.path: cannot write to daybook.db: EACCES',
      'daybook.yaml:3:52: sources.a.paths[0]: no permission to read a.log; check its owner and mode',
      'daybook.yaml:4:31: sources.b.path: cannot write to in: EACCES',
      'daybook.yaml:5:14: log.file: cannot write to in: EACCES',
      '',
    ]);
  });

  test('is left as it is, with all beside it', () => {
    using files = filesOf({ 'daybook.yaml': '' });
    const folder = dirname(files.paths[0]!);
    checkConfiguration(files.paths[0]!, {});
    assert.deepEqual(readdirSync(folder), ['daybook.yaml']);
  });
});

function checked(text: string, env: NodeJS.ProcessEnv) {
  using files = filesOf({ 'daybook.yaml': text });
  const [path] = files.paths;
  const { effective, notes } = checkConfiguration(path!, env);
  return { effective, notes: notes.map((note) => note.replace(`${dirname(path!)}/`, '')) };
}

function wrongWith(text: string, env: NodeJS.ProcessEnv): string[] {
  using files = filesOf({ 'daybook.yaml': text, 'a.log': '' });
  const folder = dirname(files.paths[0]!);
  mkdirSync(join(folder, 'logs'));
  try {
    checkConfiguration(files.paths[0]!, env);
    return [];
  } catch (error) {
    assert.ok(error instanceof DaybookError, String(error));
    return error.lines.map((line) => line.replace(`${folder}/`, '').replaceAll(folder, 'FOLDER'));
  }
}

/** What stands behind the first such key. */
function lineOf(effective: string, key: string): string | undefined {
  return new RegExp(`^ *${key}: (.*)$`, 'm').exec(effective)?.[1];
}
