import assert from 'node:assert/strict';
import { createServer, Socket } from 'node:net';
import { describe, test } from 'node:test';
import type { Database, DatabaseSnapshot, SubjectRow } from '../../src/core/database.ts';
import { type Certificates, certificatesOf } from '../support/certificates.ts';
import { needsMariadb, startMariadb } from '../support/mariadb-server.ts';
import { needsProgram } from '../support/needs.ts';
import { openedDatabase } from '../support/opened-database.ts';
import { needsPostgres, startPostgres } from '../support/postgres-server.ts';
import { freePort } from '../support/server-process.ts';
import type { SqlServer } from '../support/sql-server.ts';

const KINDS = [
  {
    type: 'postgres',
    needs: needsPostgres(),
    start: startPostgres,
    encrypting: ({ cert, key }: Certificates) => [
      ...['ssl=on', `ssl_cert_file=${cert}`, `ssl_key_file=${key}`],
    ],
    numbers: (to: number) => `SELECT n AS id FROM generate_series(1, ${to}) AS s(n)`,
    reader: "CREATE ROLE reader LOGIN PASSWORD 'sesame1'; REVOKE ALL ON users FROM reader",
  },
  {
    type: 'mysql',
    needs: needsMariadb(),
    start: startMariadb,
    encrypting: ({ cert, key }: Certificates) => [`ssl-cert=${cert}`, `ssl-key=${key}`],
    numbers: (to: number) => `SELECT seq AS id FROM seq_1_to_${to}`,
    reader: "CREATE USER reader IDENTIFIED BY 'sesame1'",
  },
] as const;

for (const { type, needs, start, encrypting, numbers, reader } of KINDS) {
  describe(`a database of ${type}`, needs, () => {
    let shared: Promise<SqlServer> | undefined;
    const server = () => {
      shared ??= start();
      return shared;
    };

    /** A server of its own, a report of which is under way. */
    async function underWay(signal?: AbortSignal) {
      const own = await start();
      const url = await own.database('CREATE TABLE users (id INT)');
      const snapshot = await openedDatabase(url).snapshot(signal);
      const rows = idsOf(snapshot, numbers(1_000_000));
      assert.ok(!(await rows.next()).done);
      return { own, snapshot, rest: restOf(rows) };
    }

    test('says that nobody answers, where and what to try', async () => {
      const port = await freePort();
      const url = `${type}://ada:sesame1@127.0.0.1:${port}/d`;
      await assert.rejects(openedDatabase(url).snapshot(), (error: Error) => {
        assert.match(
          error.message,
          new RegExp(`database d \\(127.0.0.1:${port}\\).*is it running`),
        );
        assert.doesNotMatch(error.message, /sesame1/);
        assert.ok('isTransient' in error && error.isTransient);
        return code(error) === 'SOURCE_UNREADABLE';
      });
    });

    test('says that no host is of that name', async () => {
      const failure = openedDatabase(`${type}://ada@no-such-host.invalid:1/d`).snapshot();
      await assert.rejects(failure, { code: 'SOURCE_UNREADABLE', message: /no host of that name/ });
    });

    test('says that a password is wrong, and not which', async () => {
      const url = new URL(
        await (await server()).database(`CREATE TABLE users (id INT); ${reader}`),
      );
      url.username = 'reader';
      url.password = 'sesame2';
      await assert.rejects(openedDatabase(url.href).snapshot(), (error: Error) => {
        assert.match(error.message, /user reader, .*refuses this user with this password/);
        assert.doesNotMatch(error.message, /sesame/);
        assert.ok('isTransient' in error && !error.isTransient);
        return code(error) === 'SOURCE_UNREADABLE';
      });
    });

    test('says that there is no such database', async () => {
      const url = new URL(await (await server()).database('SELECT 1'));
      url.pathname = '/nowhere';
      const failure = openedDatabase(url.href).snapshot();
      await assert.rejects(failure, { message: /database nowhere: .*no database of that name/ });
    });

    test('fails when its server is killed in mid-read', { timeout: 30_000 }, async () => {
      const { own, snapshot, rest } = await underWay();
      own.signal('SIGKILL');
      await assert.rejects(rest, {
        ...{ code: 'SOURCE_UNREADABLE', message: /went away/, isTransient: true },
      });
      await snapshot.close();
    });

    test('ends at once when it is interrupted while a server says nothing', {
      timeout: 30_000,
    }, async () => {
      const controller = new AbortController();
      const { own, rest } = await underWay(controller.signal);
      own.signal('SIGSTOP');
      try {
        setImmediate(() => controller.abort());
        await assert.rejects(rest, { code: 'INTERRUPTED' });
      } finally {
        own.signal('SIGKILL');
      }
    });

    test('ends at once when it is closed in mid-read', { timeout: 30_000 }, async () => {
      const { own, snapshot, rest } = await underWay();
      const failed = assert.rejects(rest, { code: 'SOURCE_UNREADABLE' });
      await snapshot.close();
      await failed;
      own.signal('SIGKILL');
    });

    test('can be interrupted while it connects to who never answers', {
      timeout: 9000,
    }, async () => {
      const silent = createServer().listen(0, '127.0.0.1');
      await new Promise((resolve) => silent.once('listening', resolve));
      const address = silent.address();
      const port = typeof address === 'object' && address ? address.port : 0;
      const controller = new AbortController();
      silent.once('connection', (socket) => {
        socket.on('error', () => {});
        controller.abort();
      });
      const failure = openedDatabase(`${type}://ada@127.0.0.1:${port}/d`).snapshot(
        controller.signal,
      );
      await assert.rejects(failure, { code: 'INTERRUPTED' });
      silent.close();
    });

    test('does not begin what is interrupted while its driver is loaded', async () => {
      const url = await (await server()).database('SELECT 1');
      const controller = new AbortController();
      const failure = openedDatabase(url).snapshot(controller.signal);
      controller.abort();
      await assert.rejects(failure, { code: 'INTERRUPTED' });
    });

    test('asks within minutes whether a server that says nothing is there', async ({ mock }) => {
      const url = await (await server()).database('SELECT 1');
      const asked = mock.method(Socket.prototype, 'setKeepAlive');
      await (await openedDatabase(url).snapshot()).close();
      const delays = asked.mock.calls.map((call) => [...call.arguments]);
      assert.ok(
        delays.some(([isOn, delay]) => isOn === true && Number(delay) === 30_000),
        JSON.stringify(delays),
      );
    });

    test('does not begin what is interrupted before', async () => {
      const failure = openedDatabase(`${type}://ada@127.0.0.1:1/d`).snapshot(AbortSignal.abort());
      await assert.rejects(failure, { code: 'INTERRUPTED' });
    });

    test('lets the server wait while rows are not taken', { timeout: 60_000 }, async () => {
      const url = await (await server()).database('CREATE TABLE users (id INT)');
      const snapshot = await openedDatabase(url).snapshot();
      const rows = idsOf(snapshot, numbers(1_000_000));
      let taken = (await rows.next()).value?.length ?? 0;
      global.gc?.();
      const before = process.memoryUsage.rss();
      await new Promise((resolve) => setTimeout(resolve, 500));
      assert.ok(process.memoryUsage.rss() - before < 64 * 2 ** 20);
      for await (const portion of rows) {
        assert.ok(portion.length < 50_000);
        taken += portion.length;
      }
      assert.equal(taken, 1_000_000);
      await snapshot.close();
    });

    describe('that encrypts', needsProgram('openssl'), () => {
      let made: Promise<{ url: string; ca: string }> | undefined;
      const encrypted = () => {
        made ??= (async () => {
          const certificates = certificatesOf('DNS:localhost');
          const own = await start(encrypting(certificates));
          const url = await own.database('CREATE TABLE users (id INT)');
          return { url: url.replace('127.0.0.1', 'localhost'), ca: certificates.ca };
        })();
        return made;
      };
      const asked = async (database: Database) => {
        const snapshot = await database.snapshot();
        await snapshot.columnsOf({ table: 'users' });
        await snapshot.close();
      };

      test('is read encrypted, proven by who signed its certificate', async () => {
        const { url, ca } = await encrypted();
        await asked(openedDatabase(url, { ssl: 'verify', ca }));
        await asked(openedDatabase(url, { ssl: 'required' }));
      });

      test('is refused where it does not prove who it is', async () => {
        const { url, ca } = await encrypted();
        const failure = { code: 'SOURCE_UNREADABLE', message: /does not prove/ };
        await assert.rejects(asked(openedDatabase(url, { ssl: 'verify' })), failure);
        const other = certificatesOf('DNS:localhost').ca;
        await assert.rejects(asked(openedDatabase(url, { ssl: 'verify', ca: other })), failure);
        const elsewhere = url.replace('localhost', '127.0.0.1');
        await assert.rejects(asked(openedDatabase(elsewhere, { ssl: 'verify', ca })), {
          message: /does not prove|needs the host by its name/,
        });
      });

      test('is what is insisted on', async () => {
        const url = await (await server()).database('CREATE TABLE users (id INT)');
        const failure = { message: /does not encrypt; say ssl: off/ };
        await assert.rejects(asked(openedDatabase(url, { ssl: 'required' })), failure);
      });
    });
  });
}

async function* idsOf(
  snapshot: DatabaseSnapshot,
  query: string,
): AsyncGenerator<readonly SubjectRow[]> {
  const key = { key: 'id', columns: [], active: {}, order: 'number' } as const;
  yield* snapshot.subjects({ from: { query }, ...key });
}

async function restOf(rows: AsyncGenerator<readonly SubjectRow[]>): Promise<void> {
  for await (const _ of rows);
}

function code(error: Error): unknown {
  return 'code' in error && error.code;
}
