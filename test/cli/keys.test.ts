import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { daybook } from '../support/cli.ts';
import { newFolder } from '../support/live.ts';
import { Served } from '../support/served.ts';

describe('keys', () => {
  test('are shown once, kept as hashes, listed with their last use, and revoked at once', async () => {
    using folder = newFolder({ 'daybook.yaml': 'store: { path: kept.db }\n' });
    const run = (...words: string[]) => daybook(['keys', ...words], { cwd: folder.path });
    const { stdout, stderr } = await run(
      'create',
      '--name',
      'acme',
      '--subject',
      'a',
      '--subject',
      'b',
    );
    assert.equal(stderr, '');
    const [, id, secret] = /^daybook_([\w-]{12})_([\w-]{43})\n$/.exec(stdout) ?? [];
    assert.ok(id && secret, stdout);
    for (const file of readdirSync(folder.path))
      assert.ok(!readFileSync(folder.at(file)).includes(secret), file);
    const listed = async () => (await run('list')).stdout;
    assert.match(await listed(), new RegExp(`${id} +acme +read +a, b +[0-9TZ:.-]+ *\n`));

    const server = await Served.start(folder.path);
    try {
      const headers = { authorization: `Bearer ${stdout.trim()}` };
      const asked = async () =>
        (await fetch(`${server.address}/api/v1/meters`, { headers })).status;
      assert.equal(await asked(), 200);
      assert.match(await listed(), new RegExp(`${id} .*Z +[0-9-]+T[0-9:.]+Z *\n`));
      assert.doesNotMatch(await listed(), new RegExp(secret.slice(0, 8)));
      assert.equal((await run('revoke', stdout.trim())).stdout, `revoked ${id}\n`);
      assert.equal(await asked(), 401);
    } finally {
      await server.stop('SIGKILL');
    }
  });

  for (const [words, message] of [
    [['create'], /required option '--name <name>'/],
    [['create', '--name', 'x', '--scope', 'all'], /read, write, admin/],
    [['create', '--name', 'x', '--expires', 'soon'], /"soon" is no duration/],
    [
      ['create', '--name', 'x', '--subject', ''],
      /'--subject <id>' argument '' is invalid. It is empty/,
    ],
    [['revoke', 'nothing'], /there is no key nothing/],
  ] as const)
    test(`are not touched by ${words.join(' ')}`, async () => {
      using folder = newFolder({ 'daybook.yaml': 'store: { path: kept.db }\n' });
      const run = (...some: string[]) => daybook(['keys', ...some], { cwd: folder.path });
      const { code, stderr } = await run(...words);
      assert.equal(code, 2);
      assert.match(stderr, message);
      assert.doesNotMatch((await run('list')).stdout, /everybody|Z/);
    });
});
