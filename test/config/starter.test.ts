import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, test } from 'node:test';
import { writeStarter } from '../../src/config/starter.ts';
import { checkConfiguration } from '../../src/open/check-configuration.ts';
import { filesOf } from '../support/bill.ts';
import { DAYBOOK } from '../support/cli.ts';
import { configured } from '../support/configuration.ts';

describe('the starter', () => {
  test('passes the check as it stands', async () => {
    using files = filesOf({ x: '' });
    const folder = dirname(files.paths[0]!);
    const paths = await writeStarter(folder);
    assert.deepEqual(paths, [join(folder, 'daybook.yaml'), join(folder, '.env.example')]);
    assert.equal(checkConfiguration(paths[0]!, {}).notes.length, 1);
  });

  test('passes it with every example in it, too', async () => {
    using files = filesOf({ x: '' });
    const [path] = await writeStarter(dirname(files.paths[0]!));
    // Examples are what stands behind "# ", and looks like YAML.
    const text = readFileSync(path!, 'utf8').replaceAll(
      /^( *)# ?(( {2})*[a-z_]+:( .*)?)$/gm,
      '$1$2',
    );
    const { configuration } = await configured(text, { PLATFORM_URL: 'postgres://h/d' });
    assert.deepEqual([...configuration.sources.keys()], ['events', 'sessions', 'connections']);
    assert.equal(configuration.databases.size, 1);
  });

  test('goes into a new folder', async () => {
    using files = filesOf({ x: '' });
    const folder = join(dirname(files.paths[0]!), 'a/b');
    await writeStarter(folder);
    assert.deepEqual(readdirSync(folder).sort(), ['.env.example', 'daybook.yaml']);
  });

  for (const [present, said] of [
    [['daybook.yaml'], 'FOLDER/daybook.yaml is there already; nothing was written'],
    [['.env.example'], 'FOLDER/.env.example is there already; nothing was written'],
    [
      ['.env.example', 'daybook.yaml'],
      'FOLDER/daybook.yaml and FOLDER/.env.example are there already; nothing was written',
    ],
  ] as const) {
    test(`leaves ${present.join(' and ')} alone`, async () => {
      using files = filesOf(Object.fromEntries(present.map((name) => [name, 'mine'])));
      const folder = dirname(files.paths[0]!);
      const message = said.replaceAll('FOLDER', folder);
      await assert.rejects(writeStarter(folder), { code: 'DESTINATION_UNWRITABLE', message });
      assert.deepEqual(readdirSync(folder).sort(), present);
      for (const path of files.paths) assert.equal(readFileSync(path, 'utf8'), 'mine');
    });
  }

  test('follows no link that leads nowhere', async () => {
    using files = filesOf({ x: '' });
    const folder = dirname(files.paths[0]!);
    symlinkSync('elsewhere', join(folder, 'daybook.yaml'));
    await assert.rejects(writeStarter(folder), { code: 'DESTINATION_UNWRITABLE' });
    assert.deepEqual(readdirSync(folder).sort(), ['daybook.yaml', 'x']);
  });

  test('is written by one of two that begin at the same time', async () => {
    using files = filesOf({ x: '' });
    const folder = dirname(files.paths[0]!);
    const both = await Promise.allSettled([writeStarter(folder), writeStarter(folder)]);
    assert.deepEqual(both.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
    assert.deepEqual(readdirSync(folder).sort(), ['.env.example', 'daybook.yaml', 'x']);
  });

  test('leaves nothing half written where the disk is full', () => {
    using files = filesOf({ x: '' });
    const folder = dirname(files.paths[0]!);
    // No file may grow beyond one block of 512 bytes, which is less than the first has.
    const limited = ['-c', 'ulimit -f 1; exec "$0" "$@"', process.execPath, DAYBOOK];
    const { status, stderr } = spawnSync('sh', [...limited, 'init', folder], {
      encoding: 'utf8',
      env: { ...process.env, NODE_DISABLE_COMPILE_CACHE: '1' },
    });
    assert.equal(stderr, `daybook: cannot write to ${folder}: EFBIG\n`);
    assert.equal(status, 1);
    assert.deepEqual(readdirSync(folder), ['x']);
  });

  test('says where it cannot be written', async () => {
    using files = filesOf({ x: '' });
    const message = `cannot write to ${files.paths[0]}: EEXIST`;
    await assert.rejects(writeStarter(files.paths[0]!), {
      code: 'DESTINATION_UNWRITABLE',
      message,
    });
  });
});
