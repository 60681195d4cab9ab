import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { servedFiles } from '../../src/open/served-files.ts';
import { newFolder } from '../support/live.ts';

describe('files that are served', () => {
  const formatOf = async (text: string) => {
    using folder = newFolder();
    writeFileSync(folder.at('log'), text);
    return (await servedFiles({ files: [folder.at('log')] })).format;
  };

  test('are read by the look of their lines', async () => {
    assert.equal(
      await formatOf('1600000000000 ant bee\r\n  1600000000001\tbee ant \n'),
      'connection-log',
    );
    assert.equal(
      await formatOf('14:02:03 ALICE99 Start\n 14:02:05 CHARLIE End\r\n'),
      'session-log',
    );
    assert.equal(await formatOf('\n {"subject":"acme"}\n'), 'ndjson');
    assert.equal(await formatOf('subject,time\nacme,1600000000000\n'), 'csv');
  });

  test('are looked at in no time whatever stands in them', async () => {
    const begun = performance.now();
    assert.equal(await formatOf(`1 a ${'\f'.repeat(60_000)},\n`), 'csv');
    assert.ok(performance.now() - begun < 1000);
  });
});
