import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, relative } from 'node:path';
import { after, before, describe, test } from 'node:test';

const ROOT = join(import.meta.dirname, '..');
const LOG = '14:02:03 ADA Start\n14:02:05 BOB End\n14:02:34 ADA End\n';
const BILL = 'ADA 1 31\nBOB 1 2\n';
/** What packing does not need; of some there is too much to copy. */
const LEFT_OUT = ['.git', 'bench', 'coverage', 'dist', 'docs', 'node_modules', 'test'];

const USE = `
import { openBill, runReport, writers } from 'daybook';
const report = await openBill({ files: ['sessions.log'] });
await runReport(report, { threads: 1 }, async (table) => {
  const pieces = writers.text.render(table, { spreadsheetSafe: false, color: false });
  for await (const piece of pieces) process.stdout.write(piece);
});
`;

describe('the package', () => {
  let folder: string;
  const run = (...words: string[]) =>
    execFileSync(process.execPath, words, { cwd: folder, encoding: 'utf8' });

  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'daybook-package-'));
    const npm = (words: string, cwd: string) =>
      execFileSync('npm', words.split(' '), { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    // Packing builds; that is done in a copy, so that the checkout's own dist/ is left alone.
    const copy = join(folder, 'checkout');
    cpSync(ROOT, copy, {
      recursive: true,
      filter: (path) => !LEFT_OUT.includes(relative(ROOT, path)),
    });
    symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'));
    npm('pack --pack-destination ..', copy);
    rmSync(copy, { recursive: true });
    const tarball = readdirSync(folder).find((name) => name.endsWith('.tgz'));
    npm(`install --omit=dev --prefer-offline --no-audit --no-fund ./${tarball}`, folder);
    writeFileSync(join(folder, 'sessions.log'), LOG);
  });

  after(() => rmSync(folder, { recursive: true, force: true }));

  test('holds what is to be run and read, nothing else', () => {
    const entries = readdirSync(join(folder, 'node_modules/daybook'));
    const surplus = entries.filter(
      (name) => !/^(bin|dist|package[.]json|(README|CHANGELOG)[.]md|LICENSE)$/.test(name),
    );
    assert.deepEqual(surplus, []);
    assert.ok(entries.includes('LICENSE'));
    const compiled = readdirSync(join(folder, 'node_modules/daybook/dist'), {
      recursive: true,
      withFileTypes: true,
    });
    const odd = compiled.filter((it) => it.isFile() && !/([.]js|[.]d[.]ts|[.]sql)$/.test(it.name));
    assert.deepEqual(odd, []);
  });

  test('bills from the command line', () => {
    assert.equal(run('node_modules/.bin/daybook', 'bill', 'sessions.log'), BILL);
  });

  test('bills on several cores, where a log is worth them', () => {
    const starts = 1_000_000;
    writeFileSync(join(folder, 'large.log'), '14:02:03 ADA Start\n'.repeat(starts));
    const words = ['bill', 'large.log', '--threads', '2'];
    assert.equal(run('node_modules/.bin/daybook', ...words), `ADA ${starts} 0\n`);
  });

  test('bills as a library', () => {
    writeFileSync(join(folder, 'use.mjs'), USE);
    assert.equal(run('use.mjs'), BILL);
  });
});

describe('the program', () => {
  const old = oldNode();

  test('explains itself on a Node.js that is too old', {
    skip: old === undefined && 'no Node.js older than 26 on the PATH',
  }, () => {
    const { status, stdout, stderr } = spawnSync(old!, [join(ROOT, 'bin/daybook.js'), 'bill'], {
      encoding: 'utf8',
    });
    assert.deepEqual({ status, stdout }, { status: 2, stdout: '' });
    assert.match(stderr, /^daybook needs Node[.]js 26 or newer, this is v[0-9.]+[.] .+\n$/);
  });
});

function oldNode(): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const candidates = folders
    .filter((folder) => folder !== '' && !folder.includes('node_modules'))
    .map((folder) => join(folder, 'node'));
  return candidates.find((node) => {
    const { stdout } = spawnSync(node, ['--version'], { encoding: 'utf8' });
    return Number(/^v([0-9]+)/.exec(stdout ?? '')?.[1]) < 26;
  });
}
