import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { Candidate } from '../../src/sources/candidate.ts';
import { statOf } from '../../src/sources/file-stat.ts';
import { KnownInputs } from '../../src/sources/known-inputs.ts';
import { newFolder } from '../support/live.ts';

const AT_ONCE = { pollMs: 0, restMs: 0, idleMs: 0 };

describe('a candidate', () => {
  test('is looked at again where it was written anew while it could not be read', async () => {
    using folder = newFolder({ 'a.gz': gzipSync('one\n').subarray(0, -4) });
    const path = folder.at('a.gz');
    const known = new KnownInputs([], 0);
    const candidate = new Candidate(path, statOf(path)!, 'file', AT_ONCE);
    const writeAnew = (content: Uint8Array) => {
      writeFileSync(path, content);
      candidate.updated(path, statOf(path)!);
    };
    const look = candidate.look(known);
    writeAnew(gzipSync('another\n').subarray(0, -4));
    assert.equal((await look).kind, 'wait');
    assert.equal((await candidate.look(known)).kind, 'unreadable');
    writeAnew(gzipSync('another\n'));
    assert.equal((await candidate.look(known)).kind, 'new');
  });
});
