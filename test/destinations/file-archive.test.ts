import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { describe, test } from 'node:test';
import { fileArchive } from '../../src/destinations/file-archive.ts';
import { archiveSuite, by, renderedReports } from '../support/archive-suite.ts';

describe('fileArchive', () => {
  archiveSuite(
    async () => {
      const use = openFolder();
      return {
        archive: fileArchive(use.folder),
        names: async () => namesIn(use.folder),
        bytesAt: (key) => readFile(join(use.folder, key)),
        async place(key, text) {
          await mkdir(dirname(join(use.folder, key)), { recursive: true });
          await writeFile(join(use.folder, key), text);
        },
        [Symbol.asyncDispose]: async () => use[Symbol.dispose](),
      };
    },
    (key) => [key],
  );

  describe('a folder', () => {
    const reports = renderedReports();

    test('is not left by any key', async () => {
      using use = openFolder();
      const archive = fileArchive(join(use.folder, 'in'));
      await mkdir(join(use.folder, 'in'));
      writeFileSync(join(use.folder, 'b.tmp'), 'not ours\n');
      for (const key of ['../a', '..', '.', '', 'x/../../a', join(use.folder, 'a')]) {
        const told = { code: 'DESTINATION_UNWRITABLE', message: /is outside/ };
        await assert.rejects(archive.put(reports.of('one\n'), key, by('r')), told, key);
        await assert.rejects(archive.find(key), told, key);
      }
      await assert.rejects(archive.clear('../b.tmp'), { message: /is outside/ });
      assert.deepEqual(namesIn(use.folder), ['b.tmp']);
    });

    test('is called the same from wherever one looks', () => {
      using use = openFolder();
      const before = process.cwd();
      try {
        process.chdir(use.folder);
        const name = fileArchive('out').locationOf('a/b.csv');
        process.chdir('/');
        const out = relative('/', join(realpathSync(use.folder), 'out'));
        assert.equal(fileArchive(out).locationOf('a/b.csv'), name);
      } finally {
        process.chdir(before);
      }
    });

    test('is not made where it is missing', async () => {
      using use = openFolder();
      const missing = join(use.folder, 'missing');
      const put = fileArchive(missing).put(reports.of('one\n'), 'a/b.csv', by('r'));
      await assert.rejects(put, {
        code: 'DESTINATION_UNWRITABLE',
        message: `cannot write ${missing}/a/b.csv: ENOENT: no such file or directory`,
      });
      assert.deepEqual(namesIn(use.folder), []);
    });

    test('of a report is told where it is none', async () => {
      using use = openFolder();
      writeFileSync(join(use.folder, 'a'), 'a file\n');
      const archive = fileArchive(use.folder);
      const told = { code: 'DESTINATION_UNWRITABLE', message: /cannot .* .*a[/]b: ENOTDIR/ };
      await assert.rejects(archive.put(reports.of('one\n'), 'a/b', by('r')), told);
      assert.deepEqual(namesIn(use.folder), ['a']);
    });
  });
});

function openFolder(): Disposable & { readonly folder: string } {
  const folder = mkdtempSync(join(tmpdir(), 'daybook-test-'));
  return { folder, [Symbol.dispose]: () => rmSync(folder, { recursive: true }) };
}

function namesIn(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}
