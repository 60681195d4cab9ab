import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { ActivityFolder, ADA_AND_CY, needsDatabases } from '../support/activity-folder.ts';

const REPORT = ['report', 'active-users', '--as-of', '2026-03-01'];
const FILE = 'destination: { type: file, path: "out/{as_of}.csv" }';
const LOGGED = 'log: { file: daybook.jsonl }';
const DOWN = 'postgres://daybook:sesame@127.0.0.1:1/platform';

/** What was noted so far. */
function linesOf({ folder }: ActivityFolder): Record<string, unknown>[] {
  const text = readFileSync(join(folder, 'daybook.jsonl'), 'utf8');
  assert.doesNotMatch(text, /sesame/);
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

function eventsOf(it: ActivityFolder): string[] {
  return linesOf(it).map(({ level, event }) => `${level} ${event}`);
}

describe('the log of a report', needsDatabases(), () => {
  test('tells of its start, what was written where, and its end', async () => {
    using it = await ActivityFolder.made();
    it.configure(FILE, { others: LOGGED });
    assert.equal((await it.run(REPORT)).code, 0);
    assert.deepEqual(eventsOf(it), ['info started', 'info making', 'info wrote', 'info ended']);
    const [started, making, wrote, ended] = linesOf(it);
    assert.deepEqual([started!['command'], started!['asOf']], ['report', '2026-03-01']);
    const [run] = await it.runs();
    assert.equal(making!['run'], run!['run']);
    assert.equal(wrote!['destination'], join(it.folder, 'out/2026-03-01.csv'));
    assert.equal(wrote!['digest'], createHash('sha256').update(ADA_AND_CY).digest('hex'));
    assert.deepEqual([wrote!['rows'], ended!['state']], [2, 'done']);
    assert.equal((await it.run(REPORT)).code, 0);
    assert.deepEqual(eventsOf(it).slice(4), [
      ...['info started', 'info making', 'info unchanged', 'info ended'],
    ]);
  });

  test('says why it failed, and nothing secret', async () => {
    using it = await ActivityFolder.made();
    it.configure(FILE, { others: LOGGED, users: DOWN });
    const { code } = await it.run(REPORT);
    assert.deepEqual([code, eventsOf(it)], [1, ['info started', 'info making', 'error failed']]);
    const failed = linesOf(it).at(-1)!;
    assert.equal(failed['code'], 'SOURCE_UNREADABLE');
    assert.match(String(failed['reason']), /no server answers there/);
  });

  test('tells of a report that is written elsewhere, or only tried', async () => {
    using it = await ActivityFolder.made();
    it.configure(FILE, { others: LOGGED });
    const path = join(it.folder, 'out/x.csv');
    assert.equal((await it.run([...REPORT, '-o', path])).code, 0);
    assert.equal((await it.run([...REPORT, '--dry-run'])).code, 0);
    const [, wrote, , , ended] = linesOf(it);
    assert.deepEqual([wrote!['event'], wrote!['destination']], ['wrote', path]);
    assert.deepEqual([ended!['event'], ended!['would']], ['ended', 'write']);
    assert.equal(linesOf(it).length, 5);
  });

  test('tells of what was missed, and of a failure that is tried again', async () => {
    using it = await ActivityFolder.made();
    const scheduled = `schedule: "0 0 * * *"\n${FILE}`;
    it.configure(scheduled, { others: LOGGED });
    assert.equal((await it.run(['report', '--due'])).code, 0);
    assert.equal(linesOf(it).at(-2)!['event'], 'wrote');
    it.configure(scheduled.replace('0 0', '* *'), { others: LOGGED, users: DOWN });
    const ran = await it.run(['report', '--due'], {
      onSpawn: (child) =>
        child.stderr!.on('data', (text) => {
          if (String(text).includes('trying again in 30 s')) child.kill('SIGINT');
        }),
    });
    assert.equal(ran.code, 130, ran.stderr);
    const events = eventsOf(it);
    const isMissed = events.includes('warn missed');
    assert.equal(isMissed, /were? due, and nobody made/.test(ran.stderr));
    assert.deepEqual(
      events.slice(4).filter((event) => event !== 'warn missed'),
      ['info started', 'info making', 'warn retry', 'error failed'],
    );
    const retry = linesOf(it).at(-2)!;
    assert.deepEqual([retry['report'], retry['retryMs']], ['active-users', 30_000]);
    assert.match(String(retry['reason']), /no server answers there/);
  });
});
