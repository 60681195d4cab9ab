import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { configured, wrongWith } from '../support/configuration.ts';

const URL_OF = 'databases: { db: { type: mysql, url: "$" } }';

describe('a variable', () => {
  for (const [text, env, value] of [
    ['mysql://${A}/d', { A: 'a' }, 'mysql://a/d'],
    ['${A}${B}/${A}', { A: 'mysql://', B: 'b' }, 'mysql://b/mysql://'],
    ['${A:-mysql://b/d}', {}, 'mysql://b/d'],
    ['${A:-mysql://b/d}', { A: '' }, 'mysql://b/d'],
    ['${A:-mysql://b/d}', { A: 'mysql://a/d' }, 'mysql://a/d'],
    ['mysql://b/d${A:-}', {}, 'mysql://b/d'],
    ['mysql://b/$${A}$A$', { A: 'a' }, 'mysql://b/${A}$A$'],
    ['mysql://h/${A}', { A: '${B}', B: 'b' }, 'mysql://h/${B}'],
  ] as const) {
    test(`makes ${text} with ${JSON.stringify(env)} ${value}`, async () => {
      assert.equal(await urlOf(text, env), value);
    });
  }

  for (const [text, env, said] of [
    ['${A}', {}, 'there is no variable A; set it, or write ${A:-default}'],
    [
      '${constructor}',
      {},
      'there is no variable constructor; set it, or write ${constructor:-default}',
    ],
    ['${A B}', {}, '"${" begins no variable; write ${NAME}, ${NAME:-default}, or $${ for itself'],
    [
      '${A',
      { A: 'a' },
      '"${" begins no variable; write ${NAME}, ${NAME:-default}, or $${ for itself',
    ],
    ['${A}', { A: 'secret' }, 'expected a URL such as mysql://user:password@host/database'],
  ] as const) {
    test(`is refused as ${text} with ${JSON.stringify(env)}`, async () => {
      const place = '1:38: databases.db.url: ';
      assert.deepEqual(
        await wrongWith(
          URL_OF.replace('$', () => text),
          env,
        ),
        [place + said],
      );
    });
  }

  test('may be a number, a truth or a word of a list', async () => {
    const text = `
server: { port: "\${PORT}" }
store: { keep: "\${KEEP}" }
sources: { s: { type: file, paths: [a], format: session-log, spans_midnight: "\${YES}" } }`;
    const env = { PORT: '80', KEEP: 'rollups', YES: 'true' };
    const { server, store, sources } = (await configured(text, env)).configuration;
    assert.equal(server.port, 80);
    assert.equal(store.keep, 'rollups');
    const source = sources.get('s');
    assert.ok(source?.format === 'session-log' && source.spans_midnight);
  });

  test('is none in a key', async () => {
    assert.deepEqual(await wrongWith('"${A}": 1', { A: 'store' }), ['1:1: unknown key "${A}"']);
  });

  test('is not repeated where it is a name that nothing has', async () => {
    const meters = 'meters: [{ slug: a, aggregation: COUNT, source: "${A}" }]';
    assert.deepEqual(await wrongWith(meters, { A: 'secret' }), [
      '1:49: meters[0].source: there is no source of that name',
    ]);
  });

  test('is read from .env, the environment wins', async () => {
    const files = { '.env': 'A=mysql://dot # a comment\nB="b c"\n' };
    assert.equal(await urlOf('${A}/${B}', {}, files), 'mysql://dot/b c');
    assert.equal(await urlOf('${A}/${B}', { A: 'mysql://env' }, files), 'mysql://env/b c');
  });

  test('is read from the file that NAME_FILE names, less one end of line', async () => {
    const files = { secret: 'mysql://file/d\r\n', other: 'mysql://other/d\n\n' };
    assert.equal(await urlOf('${A}', { A_FILE: 'secret' }, files), 'mysql://file/d');
    assert.equal(await urlOf('${A}', { A_FILE: 'other' }, files), 'mysql://other/d\n');
    assert.equal(await urlOf('${A}', { A_FILE: 'secret', A: 'mysql://a/d' }, files), 'mysql://a/d');
    const dotted = { ...files, '.env': 'A=mysql://dot/d\nB_FILE=other\n' };
    assert.equal(await urlOf('${A}', { A_FILE: 'secret' }, dotted), 'mysql://file/d');
    assert.equal(await urlOf('${B}', {}, dotted), 'mysql://other/d\n');
  });

  test('is refused where its file is not there', async () => {
    assert.deepEqual(
      await wrongWith(
        URL_OF.replace('$', () => '${A}'),
        { A_FILE: '/no/such' },
      ),
      ['1:38: databases.db.url: A_FILE names /no/such, which is no file'],
    );
  });
});

describe('the environment', () => {
  test('stands above the file, and .env does', async () => {
    const text = 'server: { port: 1 }\nlog: { level: warn }';
    const env = { DAYBOOK_SERVER_PORT: '2', DAYBOOK_STORE_KEEP: 'rollups' };
    const files = { '.env': 'DAYBOOK_SERVER_PORT=3\nDAYBOOK_LOG_LEVEL=debug' };
    const { server, log, store } = (await configured(text, env, files)).configuration;
    assert.deepEqual(server, { host: '127.0.0.1', port: 2 });
    assert.equal(log.level, 'debug');
    assert.equal(store.keep, 'rollups');
  });

  test('is named where it is wrong', async () => {
    assert.deepEqual(await wrongWith('server: { port: 1 }', { DAYBOOK_SERVER_PORT: 'x' }), [
      'DAYBOOK_SERVER_PORT: expected a whole number from 0 to 65535',
    ]);
  });

  test('does not hide what is wrong in the file', async () => {
    assert.deepEqual(await wrongWith('server: 3', { DAYBOOK_SERVER_PORT: '1' }), [
      '1:9: server: expected keys and values',
    ]);
  });
});

async function urlOf(
  text: string,
  env: NodeJS.ProcessEnv,
  files?: Readonly<Record<string, string>>,
): Promise<string | undefined> {
  const { configuration } = await configured(
    URL_OF.replace('$', () => text),
    env,
    files,
  );
  return configuration.databases.get('db')?.url;
}
