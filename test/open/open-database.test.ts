import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { openDatabase } from '../../src/open/open-database.ts';
import { configured } from '../support/configuration.ts';
import { needsPostgres, postgresServer } from '../support/postgres-server.ts';

describe('a database of a configuration', () => {
  test('is connected to by its URL, or by the parts of one', needsPostgres(), async () => {
    const server = await postgresServer();
    const url = await server.database('CREATE TABLE t (id INT)');
    const database = new URL(url).pathname.slice(1);
    for (const settings of [
      { url },
      { url: `${url}?sslmode=disable` },
      { host: '127.0.0.1', port: server.port, database, user: 'postgres' },
      { url: `postgres://127.0.0.1:${server.port}`, database, user: 'postgres' },
    ]) {
      const opened = openDatabase('d', { type: 'postgres', ...settings });
      const snapshot = await opened.snapshot();
      assert.deepEqual([...(await snapshot.columnsOf({ table: 't' })).keys()], ['id']);
      await snapshot.close();
    }
  });

  test(
    'takes a password with any marks, escaped in a URL or as it is',
    needsPostgres(),
    async () => {
      const server = await postgresServer();
      const password = "p@s:s/w?r#d %41'é";
      const url = await server.database(
        `DROP ROLE IF EXISTS reader; CREATE ROLE reader LOGIN PASSWORD '${password.replace("'", "''")}'`,
      );
      const plain = url.replace('postgres@', 'reader@');
      for (const settings of [
        { url: plain.replace('reader@', `reader:${encodeURIComponent(password)}@`) },
        { url: plain, password },
      ]) {
        const snapshot = await openDatabase('d', { type: 'postgres', ...settings }).snapshot();
        await snapshot.close();
      }
    },
  );

  for (const [settings, message] of [
    [{}, /databases[.]d[.]host: say the host, or a url/],
    [{ host: 'h' }, /databases[.]d[.]database: which database/],
    [{ url: 'mysql://h/d', host: 'other' }, /databases[.]d[.]host: the URL says it, too/],
    [{ url: 'mysql://u:sesame@h/d?sslmode=maybe' }, /databases[.]d[.]url: sslmode is/],
    [{ url: 'mysql://u:sesame@h/d?pool=5' }, /databases[.]d[.]url: [?]"pool" is not known/],
    [{ url: 'mysql://u:sesame#1@h/d' }, /databases[.]d[.]url: this cannot be read/],
    [{ url: 'mysql://u:1/sesame@h/d' }, /databases[.]d[.]url: this cannot be read/],
    [{ url: 'mysql://u:1/sesame/h/d' }, /databases[.]d[.]url: this cannot be read/],
    [{ url: 'mysql://u:12?sesame=1@h/d' }, /databases[.]d[.]url: this cannot be read/],
    [{ url: 'mysql://u:1%2Fsesame%zz@h/d' }, /databases[.]d[.]url: this cannot be read/],
    [{ url: 'mysql://u:sesame%zz@h/d' }, /databases[.]d[.]url: this cannot be read/],
    [{ url: 'mysql://u:sesame@h:99999/d' }, /databases[.]d[.]url: this cannot be read/],
    [{ url: 'mysql://h/d', ca: '/nowhere.pem' }, /databases[.]d[.]ca: there is no file/],
    [{ url: 'mysql://h/d?sslmode=require', ca: '/ca.pem' }, /databases[.]d[.]ca: .*ssl: verify/],
  ] as const) {
    test(`is refused where it says ${JSON.stringify(settings)}`, () => {
      assert.throws(
        () => openDatabase('d', { type: 'mysql', ...settings }),
        (error: Error) => {
          assert.match(error.message, message);
          assert.doesNotMatch(error.message, /sesame/);
          return 'code' in error && error.code === 'USAGE';
        },
      );
    });
  }

  test('has its certificates beside the configuration', async () => {
    const text = 'databases: { d: { type: mysql, host: h, database: d, ssl: verify, ca: ca.pem } }';
    const { configuration, folder } = await configured(text);
    assert.equal(configuration.databases.get('d')?.ca, join(folder, 'ca.pem'));
  });
});
