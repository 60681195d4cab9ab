import assert from 'node:assert/strict';
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { DaybookError } from '../../src/core/errors.ts';
import { file } from '../../src/destinations/file.ts';

describe('file', () => {
  let folder: string;
  let path: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'daybook-test-'));
    path = join(folder, 'report.csv');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test('holds all pieces in order, and nothing else is left', async () => {
    await file(path).write(piecesOf('Zoë 1\n', '', '\u{1f600}\n'));
    assert.equal(readFileSync(path, 'utf8'), 'Zoë 1\n\u{1f600}\n');
    assert.deepEqual(readdirSync(folder), ['report.csv']);
  });

  test('is there even when the report is empty', async () => {
    await file(path).write(piecesOf());
    assert.equal(statSync(path).size, 0);
  });

  test('shows the old report until the new one is whole', async () => {
    writeFileSync(path, 'old and longer\n');
    await file(path).write(
      (async function* () {
        yield 'new\n';
        assert.equal(readFileSync(path, 'utf8'), 'old and longer\n');
        yield 'end\n';
        assert.equal(readFileSync(path, 'utf8'), 'old and longer\n');
      })(),
    );
    assert.equal(readFileSync(path, 'utf8'), 'new\nend\n');
  });

  test('leaves the old report, and no draft, when the new one fails', async () => {
    const failure = new Error('no more rows');
    const failing = async function* () {
      yield 'new\n';
      throw failure;
    };
    await assert.rejects(file(path).write(failing()), failure);
    assert.deepEqual(readdirSync(folder), []);
    writeFileSync(path, 'old\n');
    await assert.rejects(file(path).write(failing()), failure);
    assert.equal(readFileSync(path, 'utf8'), 'old\n');
    assert.deepEqual(readdirSync(folder), ['report.csv']);
  });

  test('stays readable for its owner only when it was so', async () => {
    writeFileSync(path, 'old\n');
    chmodSync(path, 0o600);
    await file(path).write(piecesOf('new\n'));
    assert.equal(statSync(path).mode & 0o777, 0o600);
  });

  test('names a path that cannot be written', async () => {
    writeFileSync(path, 'a file\n');
    for (const wrong of [join(folder, 'missing', 'report.csv'), join(path, 'report.csv'), folder]) {
      await assert.rejects(file(wrong).write(piecesOf('new\n')), unwritable(wrong));
    }
    assert.deepEqual(readdirSync(folder), ['report.csv']);
  });

  test('leaves a device a device', async () => {
    await file('/dev/null').write(piecesOf('new\n'));
    assert.ok(statSync('/dev/null').isCharacterDevice());
  });

  test('says that a device is full', async () => {
    const full = file('/dev/full').write(piecesOf('new\n'));
    await assert.rejects(full, unwritable('/dev/full', 'ENOSPC'));
    assert.ok(statSync('/dev/full').isCharacterDevice());
  });
});

async function* piecesOf(...pieces: string[]): AsyncGenerator<string> {
  yield* pieces;
}

function unwritable(...words: string[]): (error: unknown) => true {
  return (error) => {
    assert.ok(
      error instanceof DaybookError && error.code === 'DESTINATION_UNWRITABLE',
      String(error),
    );
    assert.match(error.message, /^cannot write /);
    for (const word of words) assert.ok(error.message.includes(word), error.message);
    return true;
  };
}
