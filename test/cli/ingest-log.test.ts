import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { daybook } from '../support/cli.ts';
import { newFolder } from '../support/live.ts';

const configuration = (log: string, path = 'app.log') => `
sources:
  calls: { type: file, paths: ['${path}'], format: connection-log }
log: ${log}
`;
const LOG = '1600000000000 ant bee\n1600000000001 SECRET\n';

interface Line {
  readonly level: string;
  readonly event: string;
  readonly [field: string]: unknown;
}

function linesOf(text: string): Line[] {
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

describe('the log of an ingest', () => {
  test('tells of its start, its inputs and its end, and holds no record', async () => {
    using folder = newFolder({
      'daybook.yaml': configuration('{ file: daybook.jsonl, level: debug }'),
      'app.log': LOG,
    });
    const silent = await daybook(['ingest', '--store', 'other.db'], {
      cwd: folder.path,
      env: { DAYBOOK_LOG_FILE: 'other.jsonl' },
    });
    const ran = await daybook(['ingest'], { cwd: folder.path });
    assert.deepEqual(ran, silent);
    assert.equal(ran.code, 0, ran.stderr);
    assert.equal(ran.stderr, '');
    const text = readFileSync(folder.at('daybook.jsonl'), 'utf8');
    assert.ok(!text.includes('SECRET'));
    const lines = linesOf(text);
    assert.deepEqual(
      lines.map(({ level, event }) => `${level} ${event}`),
      ['info started', 'debug committed', 'info input', 'info ended'],
    );
    const [started, committed, input, ended] = lines;
    assert.deepEqual(started!['sources'], ['calls']);
    assert.equal(committed!['to'], LOG.length);
    assert.equal(input!['input'], 'app.log');
    assert.equal(input!['kind'], 'new');
    assert.deepEqual(input!['books'], ended!['books']);
    assert.deepEqual((ended!['books'] as Line)['rejected'], { 'field count': 1 });
    assert.ok(readFileSync(folder.at('other.jsonl'), 'utf8').includes('"event":"ended"'));
  });

  test('says why it failed', async () => {
    using folder = newFolder({
      'daybook.yaml': configuration('{ file: daybook.jsonl, level: error }'),
      'app.log': LOG,
    });
    const { code } = await daybook(['ingest', '--max-rejects', '0'], { cwd: folder.path });
    assert.equal(code, 3);
    const [failed, ...others] = linesOf(readFileSync(folder.at('daybook.jsonl'), 'utf8'));
    assert.deepEqual(others, []);
    assert.equal(failed!.event, 'failed');
    assert.equal(failed!['code'], 'TOO_MANY_REJECTS');
  });

  test('that cannot be written stops it, and nothing is counted', async () => {
    using folder = newFolder({
      'daybook.yaml': configuration('{ file: none/daybook.jsonl }'),
      'app.log': LOG,
    });
    const { code, stdout, stderr } = await daybook(['ingest'], { cwd: folder.path });
    assert.deepEqual([code, stdout], [1, '']);
    assert.match(stderr, /^daybook: cannot write the log none\/daybook.jsonl: ENOENT/);
  });

  test('must not be one of its inputs', async () => {
    for (const path of ['*.log', 'daybook.log']) {
      using folder = newFolder({ 'daybook.yaml': configuration('{ file: daybook.log }', path) });
      const { code, stderr } = await daybook(['ingest'], { cwd: folder.path });
      assert.equal(code, 2);
      assert.match(stderr, /log.file daybook.log is an input of the source calls/);
    }
  });
});
