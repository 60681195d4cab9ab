import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Archive, PutOptions, RenderedReport } from '../../src/core/archive.ts';

/** An empty archive for a test, and how to look behind it. */
export interface ArchiveUse extends AsyncDisposable {
  readonly archive: Archive;
  /** Everything that is there, also what was left half done, sorted. */
  names(): Promise<string[]>;
  /** What a reader of the report gets. */
  bytesAt(key: string): Promise<Buffer>;
  /** Puts something there as others do. */
  place(key: string, text: string): Promise<void>;
}

const MANY_BYTES = 12 * 2 ** 20 + 1;

/**
 * What every kind of archive does.
 *
 * @param namesOf - What is there when a run has put a report.
 */
export function archiveSuite(
  open: () => Promise<ArchiveUse>,
  namesOf: (key: string, run: string) => string[],
): void {
  const reports = renderedReports();
  const refused = {
    code: 'DESTINATION_UNWRITABLE',
    message: /has other content; .*overwrite: true/,
  };

  describe('an archive', () => {
    test('has nothing under a key before it is put', async () => {
      await using use = await open();
      assert.equal(await use.archive.find('2021-03-01.csv'), undefined);
      assert.equal(await use.archive.read('2021-03-01.csv'), undefined);
    });

    test('has a report whole, and nothing else', async () => {
      await using use = await open();
      for (const [i, text] of ['one\n', 'x'.repeat(MANY_BYTES)].entries()) {
        const key = `reports/${i}.csv`;
        const report = reports.of(text);
        assert.equal(await use.archive.put(report, key, by('r')), 'written');
        const { digest, sizeBytes } = report;
        assert.deepEqual(await use.archive.find(key), { digest, sizeBytes });
        assert.ok((await use.bytesAt(key)).equals(Buffer.from(text)));
        const read = await use.archive.read(key);
        assert.deepEqual([read?.digest, read?.sizeBytes], [digest, sizeBytes]);
        assert.ok(Buffer.concat(await Array.fromAsync(read!.bytes)).equals(Buffer.from(text)));
        assert.match(use.archive.locationOf(key), new RegExp(`${key}$`));
      }
      const expected = [...namesOf('reports/0.csv', 'r'), ...namesOf('reports/1.csv', 'r')];
      assert.deepEqual(await use.names(), expected.sort());
    });

    test('has a report of no bytes', async () => {
      await using use = await open();
      assert.equal(await use.archive.put(reports.of(''), 'empty', by('r')), 'written');
      assert.equal((await use.archive.find('empty'))?.sizeBytes, 0);
      assert.deepEqual(await Array.fromAsync((await use.archive.read('empty'))!.bytes), []);
    });

    test('has reports under any name', async () => {
      await using use = await open();
      for (const key of ['constructor', 'a b+c%20d&e=f?#.csv', `Zoë's "é".csv`, '..csv']) {
        assert.equal(await use.archive.put(reports.of(key), key, by('r')), 'written', key);
        assert.equal((await use.bytesAt(key)).toString(), key);
      }
    });

    test('leaves the same content as it is, whoever has put it', async () => {
      await using use = await open();
      const report = reports.of('same\n');
      await use.archive.put(report, 'k', by('first'));
      await use.place('by hand', 'same\n');
      for (const key of ['k', 'by hand']) {
        const names = await use.names();
        assert.equal(await use.archive.put(report, key, by('second')), 'unchanged');
        assert.equal(await use.archive.put(report, key, by('third', true)), 'unchanged');
        assert.deepEqual(await use.names(), names);
      }
    });

    test('replaces other content only when told', async () => {
      await using use = await open();
      await use.archive.put(reports.of('old\n'), 'k', by('first'));
      await use.place('by hand', 'old\n');
      for (const key of ['k', 'by hand']) {
        const names = await use.names();
        await assert.rejects(use.archive.put(reports.of('new\n'), key, by('second')), refused);
        assert.equal((await use.bytesAt(key)).toString(), 'old\n');
        assert.deepEqual(await use.names(), names);
        const outcome = await use.archive.put(reports.of('new\n'), key, by('third', true));
        assert.equal(outcome, 'written');
        assert.equal((await use.bytesAt(key)).toString(), 'new\n');
      }
      const expected = [...namesOf('k', 'third'), ...namesOf('by hand', 'third')];
      assert.deepEqual(await use.names(), expected.sort());
    });

    test('takes one of many writers of the same content', async () => {
      await using use = await open();
      const report = reports.of('same\n');
      const outcomes = await Promise.all(
        range(8).map((i) => use.archive.put(report, 'k', by(`r${i}`))),
      );
      assert.deepEqual(outcomes.sort(), [...Array(7).fill('unchanged'), 'written']);
      assert.equal((await use.bytesAt('k')).toString(), 'same\n');
      assert.equal((await use.names()).length, namesOf('k', 'r').length);
    });

    test('takes one of many writers, and refuses the others', async () => {
      await using use = await open();
      const outcomes = await Promise.allSettled(
        range(8).map((i) => use.archive.put(reports.of(`${i}\n`), 'k', by(`r${i}`))),
      );
      const winners = outcomes.flatMap(({ status }, i) => (status === 'fulfilled' ? [i] : []));
      assert.equal(winners.length, 1);
      assert.equal((await use.bytesAt('k')).toString(), `${winners[0]}\n`);
      for (const outcome of outcomes)
        if (outcome.status === 'rejected') assert.match(outcome.reason.message, refused.message);
      assert.deepEqual(await use.names(), namesOf('k', `r${winners[0]}`));
    });

    test('has the whole report of one of many who overwrite', async () => {
      await using use = await open();
      await use.archive.put(reports.of('old\n'), 'k', by('r'));
      const puts = range(4).map((i) =>
        use.archive.put(reports.of(`${i}`.repeat(100_000)), 'k', by(`r${i}`, true)),
      );
      const outcomes = await Promise.allSettled(puts);
      for (const outcome of outcomes) {
        // Who finds something else there than it has looked at may leave it.
        if (outcome.status === 'fulfilled') assert.equal(outcome.value, 'written');
        else assert.match(outcome.reason.message, /was replaced by somebody else/);
      }
      const text = (await use.bytesAt('k')).toString();
      assert.equal(text, text[0]!.repeat(100_000));
      assert.equal(outcomes[Number(text[0])]?.status, 'fulfilled');
      assert.deepEqual(await use.names(), namesOf('k', `r${text[0]}`));
    });

    test('is read as it was when that began, and not to its end where nobody wants it', async () => {
      await using use = await open();
      await use.archive.put(reports.of('x'.repeat(MANY_BYTES)), 'k', by('r'));
      const read = await use.archive.read('k');
      await use.archive.put(reports.of('new\n'), 'k', by('other', true));
      let sizeBytes = 0;
      for await (const bytes of read!.bytes) sizeBytes += bytes.length;
      assert.equal(sizeBytes, MANY_BYTES);
      const left = await use.archive.read('k');
      for await (const bytes of left!.bytes) {
        assert.equal(bytes[0], 'n'.charCodeAt(0));
        break;
      }
      const stopped = use.archive.read('k', AbortSignal.abort());
      await assert.rejects(stopped, { code: 'INTERRUPTED' });
    });

    test('tells of a draft before there is one', async () => {
      await using use = await open();
      const seen: string[][] = [];
      const onDraft = async () => void seen.push(await use.names());
      await use.archive.put(reports.of('one\n'), 'k', { ...by('r'), onDraft });
      assert.ok(seen.every((names) => names.length === 0));
    });

    test('has nothing of a report that is interrupted', async () => {
      await using use = await open();
      const report = reports.of('x'.repeat(MANY_BYTES));
      const stopped = { code: 'INTERRUPTED' };
      const before = AbortSignal.abort();
      await assert.rejects(use.archive.put(report, 'k', { ...by('r'), signal: before }), stopped);
      const stop = new AbortController();
      const put = use.archive.put(report, 'k', { ...by('r'), signal: stop.signal });
      setImmediate(() => stop.abort());
      await assert.rejects(put, stopped);
      assert.deepEqual(await use.names(), []);
      assert.equal(await use.archive.find('k'), undefined);
    });

    test('has nothing of a report that cannot be read', async () => {
      await using use = await open();
      const report = reports.of('one\n');
      rmSync(report.path);
      const told = { code: 'DESTINATION_UNWRITABLE', message: /cannot write .*k: .*/ };
      await assert.rejects(use.archive.put(report, 'k', by('r')), told);
      assert.deepEqual(await use.names(), []);
    });

    test('clears away no report, and nothing that is not there', async () => {
      await using use = await open();
      const drafts: string[] = [];
      const onDraft = async (draft: string) => void drafts.push(draft);
      await use.archive.put(reports.of('one\n'), 'k', { ...by('r'), onDraft });
      const names = await use.names();
      for (const draft of [...drafts, ...drafts, 'k', 'constructor', 'k.parts/x', 'k.x.tmp', ''])
        await use.archive.clear(draft);
      assert.deepEqual(await use.names(), names);
      assert.equal((await use.bytesAt('k')).toString(), 'one\n');
    });

    test('clears away nothing once that is interrupted', async () => {
      await using use = await open();
      const drafts = ['k.parts/x', 'k.x.tmp'];
      for (const draft of drafts) await use.place(draft, 'half');
      for (const draft of drafts)
        await assert.rejects(use.archive.clear(draft, AbortSignal.abort()), {
          code: 'INTERRUPTED',
        });
      assert.deepEqual(await use.names(), drafts);
      for (const draft of drafts) await use.archive.clear(draft);
      assert.equal((await use.names()).length, 1);
    });
  });
}

/** Reports in temporary files that vanish with the suite they are used in. */
export function renderedReports(): { of(text: string): RenderedReport } {
  let folder = '';
  let count = 0;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'daybook-test-'));
  });
  after(() => rmSync(folder, { recursive: true }));
  return {
    of(text) {
      const path = join(folder, `${count++}`);
      writeFileSync(path, text);
      const digest = createHash('sha256').update(text).digest('hex');
      return { path, sizeBytes: Buffer.byteLength(text), digest, mediaType: 'text/csv' };
    },
  };
}

/** How a run puts its report. */
export function by(run: string, overwrite = false): PutOptions {
  return { run, overwrite, onDraft: async () => {} };
}

function range(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}
