import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { DaybookError } from '../../src/core/errors.ts';
import { growingFile } from '../../src/destinations/growing-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'daybook-growing-'));
after(() => rmSync(folder, { recursive: true }));

describe('growingFile', () => {
  test('begins anew, and adds one text behind the other', async () => {
    const path = join(folder, 'new');
    writeFileSync(path, 'what was there\n');
    const outlet = await growingFile(path, 0);
    await outlet.write('a\n');
    await outlet.write('Zoë\n');
    await outlet.sync();
    assert.equal(outlet.sizeBytes, 7);
    await outlet.close();
    assert.equal(readFileSync(path, 'utf8'), 'a\nZoë\n');
  });

  test('goes on behind what is valid, and cuts off what is not', async () => {
    const path = join(folder, 'torn');
    writeFileSync(path, 'a\nhalf a rep');
    const outlet = await growingFile(path, 2);
    await outlet.write('b\n');
    await outlet.close();
    assert.equal(readFileSync(path, 'utf8'), 'a\nb\n');
  });

  test('does not go on behind what is not there', async () => {
    const path = join(folder, 'short');
    writeFileSync(path, 'a\n');
    await assert.rejects(growingFile(path, 3), isUnwritable);
    await assert.rejects(growingFile(join(folder, 'no', 'such'), 0), isUnwritable);
    assert.equal(readFileSync(path, 'utf8'), 'a\n');
  });

  test('writes to what is no file as it is', async () => {
    const outlet = await growingFile('/dev/null', 100);
    await outlet.write('a\n');
    await outlet.sync();
    assert.equal(outlet.sizeBytes, 102);
    await outlet.close();
    const full = await growingFile('/dev/full', 0);
    await assert.rejects(full.write('a\n'), isUnwritable);
    await full.close();
  });
});

function isUnwritable(error: unknown): boolean {
  return error instanceof DaybookError && error.code === 'DESTINATION_UNWRITABLE';
}
