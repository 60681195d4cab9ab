import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { DaybookError } from '../../../src/core/errors.ts';
import { KeptStore } from '../../support/kept-store.ts';

const USUAL = 'acme,upload,2021-03-01T00:10:00Z,5';

/** Rows of which those without a zone are rejects until there is one. */
const arbitraryRow = fc.oneof(
  { weight: 4, arbitrary: row('Z') },
  { weight: 4, arbitrary: row('') },
  fc.constantFrom(
    '',
    'soon',
    'acme,"a\nb",2021-03-01 00:00:00,1',
    'acme,"open,2021-03-01 01:00:00,1',
  ),
);

function row(zone: string): fc.Arbitrary<string> {
  const minute = fc.integer({ min: 0, max: 3000 });
  return fc
    .tuple(fc.constantFrom('acme', 'élan', 'constructor'), minute, fc.integer({ min: 0, max: 9 }))
    .map(([subject, at, value]) => {
      const time = new Date(Date.UTC(2021, 2, 1) + at * 60_000).toISOString().slice(0, 19);
      return `${subject},upload,${time.replace('T', ' ')}${zone},${value}`;
    });
}

describe('replaying rejects', () => {
  test('leaves the store as if it had been read rightly from the start', async () => {
    const files = fc.array(fc.array(arbitraryRow, { maxLength: 30 }), {
      minLength: 1,
      maxLength: 3,
    });
    await fc.assert(
      fc.asyncProperty(files, fc.constantFrom('events', 'rollups'), async (all, keep) => {
        const named = Object.fromEntries(
          all.map((rows, i) => [
            `${i}.csv`,
            `${USUAL}${i}\n${rows.map((each) => `${each}\n`).join('')}`,
          ]),
        );
        using late = new KeptStore(named, { keep });
        using early = new KeptStore(named, { keep, tz: 'Europe/Berlin' });
        await late.ingest();
        await early.ingest();
        late.configure({ keep, tz: 'Europe/Berlin' });
        await late.replay();
        assert.deepEqual(await late.shown(), await early.shown());
        const again = await late.replay();
        assert.ok(again.every(({ counted }) => counted === 0));
        const known = await late.ingest();
        assert.ok(known.every(({ kind, books }) => kind === 'known' || books.read === 0));
      }),
      { numRuns: 12 },
    );
  });

  test('counts an id once, and tells of another content', async () => {
    using kept = new KeptStore(
      {
        'a.csv':
          'a,x,2021-03-01T00:00:00Z,1\na,x,2021-03-01 00:00:00,1\nb,x,2021-03-01 00:00:00,1\nb,x,2021-03-01 00:00:00,2\n',
      },
      { columns: '{ subject: 1, time: 3, id: 4 }' },
    );
    await kept.ingest();
    kept.configure({ columns: '{ subject: 1, time: 3, id: 4 }', tz: 'UTC' });
    const [found] = await kept.replay();
    assert.deepEqual(found, {
      ...{ input: join(kept.folder, 'a.csv'), rejects: 3, unread: 0 },
      ...{ counted: 1, duplicate: 1, conflict: 1 },
    });
    const listed = await kept.read(async (store) => {
      const [input] = await store.inputs('events');
      const [segment] = await store.segments(input!.id);
      return Array.fromAsync(store.rejects(segment!.id));
    });
    assert.deepEqual(
      listed.map(({ line, reason, text }) => ({ line, reason, text })),
      [{ line: 3, reason: 'conflict', text: '1' }],
    );
  });

  test('counts a reject once where two do it at the same time', async () => {
    using kept = new KeptStore({ 'a.csv': `${USUAL}\nacme,upload,2021-03-01 00:00:00,1\n` });
    await kept.ingest();
    kept.configure({ tz: 'UTC' });
    const found = (await Promise.all([kept.replay(), kept.replay()])).flat();
    assert.equal(
      found.reduce((sum, { counted }) => sum + counted, 0),
      1,
    );
    assert.equal((await kept.shown()).events.length, 2);
  });

  for (const [how, name, pack] of [
    ['', 'a.csv', (text: string) => Buffer.from(text)],
    [' that is compressed', 'a.csv', (text: string) => gzipSync(text)],
  ] as const) {
    test(`reads what is not kept whole from its file${how}`, async () => {
      const long = 'x'.repeat(1100);
      const rows = [
        USUAL,
        `${long}1,upload,2021-03-01 00:00:00,1`,
        'b,\ufffd,2021-03-01 00:00:00,2',
        `${long}2,u,2021-03-01 00:00:00,3`,
      ];
      using kept = new KeptStore({ [name]: pack(`${rows.join('\n')}\n`) });
      await kept.ingest();
      kept.configure({ tz: 'UTC' });
      const [found] = await kept.replay();
      assert.equal(found?.counted, 3);
      const { events } = await kept.shown();
      assert.deepEqual(
        events.map((event) => event.slice(-2)),
        [' 1', ' 2', ' 3', ' 4'],
      );
    });
  }

  for (const [what, change] of [
    ['gone', (kept: KeptStore) => rmSync(join(kept.folder, 'a.csv'))],
    ['changed', (kept: KeptStore) => kept.write('a.csv', `${'y'.repeat(2000)}\n`)],
  ] as const) {
    test(`tells what it cannot read where the file is ${what}, and reads the rest`, async () => {
      const long = `${'x'.repeat(1100)},upload,2021-03-01 00:00:00,1`;
      using kept = new KeptStore({ 'a.csv': `${USUAL}\n${long}\nb,u,2021-03-01 00:00:00,2\n` });
      await kept.ingest();
      change(kept);
      kept.configure({ tz: 'UTC' });
      const [found] = await kept.replay();
      assert.deepEqual([found?.rejects, found?.counted, found?.unread], [2, 1, 1]);
    });
  }

  test('needs the file where columns are named', async () => {
    const columns = '{ subject: who, type: what, time: at, value: much }';
    using kept = new KeptStore(
      { 'a.csv': 'who,what,at,much\na,b,2021-03-01 00:00:00,2\n' },
      { columns },
    );
    await kept.ingest();
    kept.configure({ columns, tz: 'UTC' });
    const path = join(kept.folder, 'a.csv');
    rmSync(path);
    assert.equal((await kept.replay())[0]?.unread, 1);
    kept.write('a.csv', 'who,what,at,much\na,b,2021-03-01 00:00:00,2\n');
    assert.equal((await kept.replay())[0]?.counted, 1);
  });

  test('takes any settings where nothing is counted', async () => {
    using kept = new KeptStore({ 'a.csv': 'who,much,what,at\na,5,b,2021-03-01T00:00:00Z\n' });
    await kept.ingest();
    kept.configure({ columns: '{ subject: 1, type: 3, time: 4, value: 2 }' });
    assert.equal((await kept.replay())[0]?.counted, 1);
    const [known] = await kept.ingest();
    assert.equal(known?.kind, 'known');
  });

  test('refuses settings with which what is counted would mean something else', async () => {
    using kept = new KeptStore({ 'a.csv': `${USUAL}\nsoon\n` }, { tz: 'UTC' });
    await kept.ingest();
    for (const options of [
      { tz: 'Europe/Berlin' },
      { tz: 'UTC', columns: '{ subject: 2, type: 1, time: 3, value: 4 }' },
      { tz: 'UTC', fields: 4 },
      { tz: 'UTC', columns: '{ subject: 1, time: 3 }' },
    ]) {
      kept.configure(options);
      await assert.rejects(
        kept.replay(),
        (error) => error instanceof DaybookError && error.code === 'USAGE',
      );
    }
    assert.equal((await kept.shown()).events.length, 1);
  });

  test('looks at the reasons only that were asked for', async () => {
    using kept = new KeptStore({ 'a.csv': `${USUAL}\na,b,2021-03-01 00:00:00,1\n` });
    await kept.ingest();
    kept.configure({ tz: 'UTC' });
    assert.deepEqual(await kept.replay(['time']), []);
    assert.equal((await kept.replay(['no zone']))[0]?.counted, 1);
  });
});
