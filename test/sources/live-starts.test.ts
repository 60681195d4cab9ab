import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { appendFileSync, writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import type { InputMark } from '../../src/core/live-source.ts';
import { following, newFolder } from '../support/live.ts';

const START_BYTES = 4096;
const LOG = Array.from({ length: 1000 }, (_, i) => `${1_600_000_000_000 + i} host target\n`).join(
  '',
);
const digestOf = (text: string) => createHash('sha256').update(text).digest('hex');

/** What a store knows of a log: of its first bytes only the digest. */
const MARK: InputMark = {
  ...{ rank: 0, name: 'there/log', identity: '', lines: 1000, ended: true },
  ...{ position: LOG.length, digest: digestOf(LOG) },
  start: { bytes: START_BYTES, digest: digestOf(LOG.slice(0, START_BYTES)) },
};

describe('live files, with marks that know first bytes by their digest,', () => {
  test('are not read while they may become a copy of what was read', async () => {
    using folder = newFolder();
    const pace = { restMs: 60_000 };
    await using follower = await following([folder.path], { marks: [MARK], pace });
    writeFileSync(folder.at('copy'), LOG.slice(0, START_BYTES + 100));
    await follower.atRest();
    appendFileSync(folder.at('copy'), LOG.slice(START_BYTES + 100));
    await follower.until(() => follower.notes.length > 0);
    assert.deepEqual(follower.lines, []);
    assert.match(follower.notes.join(), /copy holds only what was already read as there\/log$/);
  });

  test('are read at once where they begin with other bytes', async () => {
    using folder = newFolder({ other: LOG.slice(1, START_BYTES + 100) });
    const pace = { restMs: 60_000 };
    await using follower = await following([folder.path], { marks: [MARK], pace });
    await follower.untilLines(100);
  });

  test('are read after a second where they are too short to tell', async () => {
    using folder = newFolder({ short: '1600000000000 host target\n' });
    const pace = { restMs: 60_000 };
    await using follower = await following([folder.path], { marks: [MARK], pace });
    await follower.atRest(100);
    assert.deepEqual(follower.lines, []);
    await follower.untilLines(1);
  });
});
