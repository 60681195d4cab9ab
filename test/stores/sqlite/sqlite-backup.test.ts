import assert from 'node:assert/strict';
import { closeSync, openSync, readdirSync, readFileSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { DaybookError } from '../../../src/core/errors.ts';
import { sqlite } from '../../../src/stores/sqlite/sqlite.ts';
import { backUp } from '../../../src/stores/sqlite/sqlite-backup.ts';
import { KeptStore, shownStore } from '../../support/kept-store.ts';

const ROW = 'acme,upload,2021-03-01T00:10:00Z,5\n';

function failsWith(code: DaybookError['code']) {
  return (error: unknown) => error instanceof DaybookError && error.code === code;
}

/** What a copy says, and that no other file is beside it. */
async function shownCopy(path: string) {
  const copy = sqlite({ path, readOnly: true });
  try {
    return await shownStore(copy);
  } finally {
    await copy.close();
  }
}

describe('backUp', () => {
  test('copies a store as it was at one instant while another writes', async () => {
    // Rejects are what makes a store large at once.
    const long = `${'x'.repeat(1000)}\n`.repeat(10_000);
    using kept = new KeptStore({ 'a.csv': ROW + long, 'b.csv': `${ROW}\n${long}` });
    await kept.ingest();
    const before = await kept.shown();
    const to = join(kept.folder, 'copy.db');
    let writing: Promise<unknown> | undefined;
    const steps: number[] = [];
    const size = await backUp(kept.path, to, {
      onProgress(bytes, total) {
        steps.push(bytes);
        assert.ok(bytes < total);
        kept.write('c.csv', `\n${ROW}`);
        writing ??= kept.ingest();
      },
    });
    assert.ok(steps.length > 0);
    assert.equal(((await writing) as unknown[]).length, 3);
    assert.equal(size, statSync(to).size);
    assert.deepEqual(await shownCopy(to), before);
    assert.equal((await kept.shown()).events.length, before.events.length + 1);
    assert.deepEqual(
      readdirSync(kept.folder).filter((name) => name.startsWith('copy')),
      ['copy.db'],
    );
  });

  test('is a store that can be ingested into', async () => {
    using kept = new KeptStore({ 'a.csv': ROW });
    await kept.ingest();
    using other = new KeptStore({ 'a.csv': ROW, 'b.csv': ROW.replace('acme', 'umbra') });
    await backUp(kept.path, other.path, {});
    const kinds = (await other.ingest()).map(({ kind }) => kind);
    assert.deepEqual(kinds, ['known', 'new']);
  });

  test('takes the place of a file only if told to, and never of the store', async () => {
    using kept = new KeptStore({ 'a.csv': ROW });
    await kept.ingest();
    const to = join(kept.folder, 'a.csv');
    await assert.rejects(backUp(kept.path, to, {}), failsWith('USAGE'));
    assert.equal(readFileSync(to, 'utf8'), ROW);
    await assert.rejects(backUp(kept.path, kept.path, { force: true }), failsWith('USAGE'));
    await assert.rejects(backUp(kept.path, kept.folder, { force: true }), failsWith('USAGE'));
    await backUp(kept.path, to, { force: true });
    assert.deepEqual(await shownCopy(to), await kept.shown());
  });

  test('leaves nothing where it fails', async () => {
    using kept = new KeptStore({ 'a.csv': ROW });
    await kept.ingest();
    await kept.shown();
    const before = readdirSync(kept.folder);
    const to = join(kept.folder, 'copy.db');
    const signal = AbortSignal.abort(new DaybookError('INTERRUPTED', 'interrupted'));
    await assert.rejects(backUp(kept.path, to, { signal }), failsWith('INTERRUPTED'));
    await assert.rejects(
      backUp(kept.path, join(kept.folder, 'none/copy.db'), {}),
      failsWith('DESTINATION_UNWRITABLE'),
    );
    await assert.rejects(backUp(`${kept.path}x`, to, {}), failsWith('STORE_UNUSABLE'));
    assert.deepEqual(readdirSync(kept.folder), before);
  });

  test('keeps no copy of a damaged store', async () => {
    using kept = new KeptStore({ 'a.csv': ROW });
    await kept.ingest();
    const file = openSync(kept.path, 'r+');
    for (let page = 3; page < 8; page++)
      writeSync(file, Buffer.alloc(2000, 0xff), 0, 2000, page * 4096);
    closeSync(file);
    const to = join(kept.folder, 'copy.db');
    await assert.rejects(backUp(kept.path, to, {}), failsWith('STORE_UNUSABLE'));
    assert.ok(!readdirSync(kept.folder).some((name) => name.startsWith('copy')));
  });
});
