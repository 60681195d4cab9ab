import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type CountsRequest, openCounts } from '../../src/open/open-counts.ts';
import { runReport } from '../../src/pipeline/batch/run-report.ts';
import { filesOf } from '../support/bill.ts';

const USUAL = 'ADA,login,e1,2021-03-01T09:10:00Z\nADA,login,e2,2021-03-02T10:20:00Z\n';
const FROM_1970 =
  'nothing is counted for 51 years after 1970-01-01T00:00:00Z, where the log begins; ' +
  '--from 2021-03-01T09:00:00Z leaves the empty rows out';

/** What is noted of a log, and how many rows there are. */
async function noted(
  text: string,
  asked: Partial<CountsRequest> = {},
): Promise<{ notes: string[]; rows: number }> {
  using files = filesOf({ 'events.csv': text });
  const report = await openCounts({ files: files.paths, subjects: ['ADA'], ...asked });
  let [rows, notes] = [0, [] as string[]];
  await runReport(report, { threads: 1 }, async (table) => {
    for await (const portion of table.rows) rows += portion.length;
    notes = table.notes.map(({ message }) => message);
  });
  return { notes, rows };
}

describe('counts of who is asked for', () => {
  test('say that a torn time makes years of empty rows, and what leaves them out', async () => {
    const { notes, rows } = await noted(`${USUAL}ADA,login,e3,5\n`);
    assert.deepEqual(notes, [FROM_1970]);
    assert.ok(rows > 400_000);
    const narrower = await noted(`${USUAL}ADA,login,e3,5\n`, { from: '2021-03-01T09:00:00Z' });
    assert.deepEqual(narrower, { notes: [], rows: 26 });
  });

  test('say so of times in the future, and of records of others', async () => {
    const text = `${USUAL}BOB,login,e3,5\nBOB,login,e3,2466-01-01T00:00:00Z\n`;
    const { notes } = await noted(text, { interval: '1d' });
    assert.deepEqual(notes, [
      FROM_1970.replace('T09', 'T00'),
      'nothing is counted for 445 years before 2466-01-01T00:00:00Z, where the log ends; ' +
        '--to 2021-03-03T00:00:00Z leaves the empty rows out',
    ]);
    const narrower = { interval: '1d', from: '2021-03-01T00:00:00Z', to: '2021-03-03T00:00:00Z' };
    assert.deepEqual(await noted(text, narrower), { notes: [], rows: 2 });
  });

  test('say it once of two events that are far apart, and of who has none', async () => {
    const text = 'ADA,login,e1,5\nBOB,login,e2,2021-03-01T09:10:00Z\n';
    assert.deepEqual((await noted(text)).notes, [FROM_1970]);
    assert.deepEqual((await noted(text, { subjects: ['nobody'] })).notes, [FROM_1970]);
    const later = await noted(text, { from: '2000-01-01T00:00:00Z', to: '2021-03-01T10:00:00Z' });
    assert.deepEqual(later.notes, []);
    const ended = await noted(text, { from: '1970-01-01T00:00:00Z' });
    assert.match(ended.notes.join(), /^nothing .* 51 years before .* --to 1970-01-01T01:00:00Z /);
  });

  test('say nothing where there are no such rows', async () => {
    const torn = `${USUAL}ADA,login,e3,5\n`;
    assert.deepEqual((await noted(torn, { subjects: undefined })).notes, []);
    assert.deepEqual((await noted(torn, { interval: '1mo' })).notes, []);
    assert.deepEqual((await noted(torn, { explain: true })).notes, []);
    assert.deepEqual(await noted(USUAL), { notes: [], rows: 26 });
    assert.deepEqual(await noted(''), { notes: [], rows: 0 });
  });
});
