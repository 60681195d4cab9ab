import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { MAX_RECORD_BYTES } from '../../src/core/decoder.ts';
import { DaybookError } from '../../src/core/errors.ts';
import { type CsvOptions, csv } from '../../src/decoders/csv.ts';
import { BUFFER_BYTES } from '../../src/pipeline/read/record-buffer.ts';
import { decodeCsv, USUAL } from '../support/decode-csv.ts';
import { needsSharedData, SHARED_DATA } from '../support/needs.ts';

describe('csv', () => {
  /** What is wrong with rows that follow one that is right, and the same alone. */
  async function reasonsOf(rows: string | Buffer, options: CsvOptions = USUAL): Promise<string[]> {
    const known = `customer_1,INGEST,t1,${TIME}\n`.repeat(2);
    const input = Buffer.concat([Buffer.from(known), Buffer.from(rows)]);
    const { events, rejects } = await decodeCsv(input, options);
    const alone = await decodeCsv(Buffer.from(rows), options);
    assert.equal(events.length, alone.events.length + 2);
    const reasons = rejects.map(({ reason }) => reason);
    assert.deepEqual(
      alone.rejects.map(({ reason }) => reason),
      reasons,
    );
    return reasons;
  }

  test('names the first thing that is wrong with a row', async () => {
    const reasons: Record<string, string> = {
      [`"",INGEST,t1,${TIME}`]: 'subject',
      [`,INGEST,t1,${TIME}`]: 'subject',
      [`a\0b,INGEST,t1,${TIME}`]: 'subject',
      [`"a\nb",INGEST,t1,${TIME}`]: 'subject',
      'customer_1,INGEST,t1': 'field count',
      customer_1: 'field count',
      'customer_1,INGEST,t1,': 'time',
      'customer_1,INGEST,t1,""': 'time',
      'customer_1,INGEST,t1,2021-03-01': 'time',
      'customer_1,INGEST,t1,2021-03-01 00:11:25': 'no zone',
      [`customer_1,INGEST,,${TIME}`]: 'id',
      [`customer_1,INGEST,"",${TIME}`]: 'id',
      [`customer_1,IN"GEST,t1,${TIME}`]: 'quote',
      [`customer_1,INGEST,t1,${TIME},x"`]: 'quote',
      [`"customer_1"x,INGEST,t1,${TIME}`]: 'quote',
      [`"customer_1" ,INGEST,t1,${TIME}`]: 'quote',
      [`"customer_1"\r,INGEST,t1,${TIME}`]: 'quote',
      [`"customer_1,INGEST,t1,${TIME}`]: 'quote',
    };
    for (const [row, reason] of Object.entries(reasons))
      assert.deepEqual(await reasonsOf(row), [reason], JSON.stringify(row));
    const latin1 = Buffer.from(`Zo\xeb,INGEST,t1,${TIME}`, 'latin1');
    assert.deepEqual(await reasonsOf(latin1), ['encoding']);
    assert.deepEqual(await reasonsOf(Buffer.from(`customer_1,INGEST,\xeb,${TIME}`, 'latin1')), [
      'encoding',
    ]);
    const unused = { ...USUAL, columns: { subject: 1, time: 4 } };
    assert.deepEqual(await reasonsOf(Buffer.from(`A,\xeb,\xeb,${TIME}`, 'latin1'), unused), []);
    assert.deepEqual(await reasonsOf(`A,B,C,${TIME},more`, { ...unused, fields: 4 }), [
      'field count',
    ]);
    assert.deepEqual(await reasonsOf(`A,B,C,${TIME},more`, unused), []);
  });

  test('takes the first line alone for what is wrong where a quote is', async () => {
    const good = `customer_1,INGEST,t1,${TIME}\n`;
    const log = `${good}"customer_1,INGEST\n${good}customer_1,"a\nb"x\n${good}a,"b\n${good}`;
    const { events, rejects, lines } = await decodeCsv(Buffer.from(log), USUAL);
    assert.deepEqual(
      events.map(({ line }) => line),
      [1, 3, 6, 8],
    );
    assert.deepEqual(
      rejects.map(({ line, reason }) => [line, reason]),
      [
        [2, 'quote'],
        [4, 'quote'],
        [5, 'quote'],
        [7, 'quote'],
      ],
    );
    assert.equal(lines, 8);
  });

  test('says of rows that go on behind line ends where they begin', async () => {
    const log = `"x\ny","a\r\nb\n""c""",t1,${TIME}\r\n\ncustomer_1,"\n",t2,${TIME}\nA,"\n",t3\nB`;
    const found = await decodeCsv(Buffer.from(log), { ...USUAL, columns: { subject: 3, time: 4 } });
    assert.deepEqual(found, {
      events: [
        { subject: 't1', time: INSTANT, line: 1, position: 0 },
        { subject: 't2', time: INSTANT, line: 6, position: 51 },
      ],
      rejects: [
        { reason: 'field count', line: 8, offset: 96 },
        { reason: 'field count', line: 10, offset: 105 },
      ],
      lines: 10,
      blank: 6,
      torn: false,
    });
  });

  describe('finds a header', () => {
    const auto: CsvOptions = {
      columns: { subject: 1, time: 2 },
      header: 'auto',
      timeUnit: 'ms',
    };
    const found = async (log: string, options = auto, pieceBytes = 1 << 16) => {
      const { events, rejects, lines, blank } = await decodeCsv(Buffer.from(log), options, {
        pieceBytes,
      });
      assert.equal(events.length + rejects.length + blank, lines);
      return [events.map(({ subject }) => subject), rejects.map(({ reason }) => reason)];
    };

    test('where the first time is none, and takes it for no record', async () => {
      for (const header of [
        'customer,time',
        'customer,"the\ntime"',
        '\n \r\n\ufeffcustomer, when ',
      ])
        for (const pieceBytes of [1, 5, 100])
          assert.deepEqual(await found(`${header}\nA,1\nB,2`, auto, pieceBytes), [['A', 'B'], []]);
      assert.deepEqual(await found('\ufeffcustomer,time\r\nA,1\r\n'), [['A'], []]);
      assert.deepEqual(await found('customer,time'), [[], []]);
    });

    test('but not where it reads like one, or nothing is there, or nobody wants it', async () => {
      for (const [row, reason] of Object.entries({
        'X,2021-02-30T00:00:00Z': 'time',
        'X,2021-03-01T00:00:00': 'no zone',
        'X,': 'time',
        X: 'field count',
        'X,"time': 'quote',
      }))
        assert.deepEqual(await found(`${row}\nA,1\n`), [['A'], [reason]], row);
      assert.deepEqual(await found('A,1\ncustomer,time\n'), [['A'], ['time']]);
      assert.deepEqual(await found('customer,time\nA,1\n', { ...auto, header: 'none' }), [
        ['A'],
        ['time'],
      ]);
    });

    test('of the names that columns are asked for', async () => {
      const columns = { subject: 'who', time: 'at', value: 'how much' };
      const log = 'x,"at", who ,"how much"\nx,1,A,5\nx,2,B,6\n';
      for (const header of ['auto', 'none'] as const)
        assert.deepEqual(await found(log, { ...auto, columns, header }), [['A', 'B'], []]);
      assert.deepEqual(
        await found('2,who\n1,A\n', { ...auto, columns: { subject: 'who', time: 1 } }),
        [['A'], []],
      );
      assert.deepEqual(await found('', { ...auto, columns }), [[], []]);
    });

    test('and says which names there are where one is missing', async () => {
      const columns = { subject: 'who', time: 'at' };
      const failure = (first: string) =>
        assert.rejects(decodeCsv(Buffer.from(first), { ...auto, columns }), (error) => {
          assert.ok(error instanceof DaybookError && error.code === 'USAGE');
          assert.match(error.message, /^there is no column "at" in the first row; [^\n]+$/);
          return true;
        });
      await failure('who,"when\n?"\n');
      await failure(`who,${'x,'.repeat(10_000)}\n`);
      const { message } = await decodeCsv(Buffer.from('who,when\nA,1\n'), {
        ...auto,
        columns,
      }).then(
        () => assert.fail('nothing is missing'),
        (error: Error) => error,
      );
      assert.equal(message, 'there is no column "at" in the first row; there are "who", "when"');
    });
  });

  describe('with rows about as long as they may be', () => {
    const ofLength = (bytes: number, front: string, behind: string) =>
      front + 'x'.repeat(bytes - front.length - behind.length) + behind;
    const columns = { subject: 1, time: 2 };
    const cases: Record<string, (bytes: number) => string> = {
      'one plain cell': (bytes) => ofLength(bytes, 'A,1,', ''),
      'one quoted cell': (bytes) => ofLength(bytes, 'A,1,"', '"'),
      'a quoted cell of lines': (bytes) => ofLength(bytes, 'A,1,"\n\n', '\n"'),
      'a plain cell behind line ends': (bytes) => ofLength(bytes, 'A,1,"\n",', ''),
    };
    for (const [title, rowOf] of Object.entries(cases)) {
      const reasonBeyond = title === 'a quoted cell of lines' ? 'quote' : 'too long';
      test(`reads or rejects ${title}, in whatever pieces`, async () => {
        for (const end of ['\n', '\r\n', '']) {
          for (const [bytes, reason] of [
            [MAX_RECORD_BYTES, undefined],
            [MAX_RECORD_BYTES + 1, reasonBeyond],
            [MAX_RECORD_BYTES + 100, reasonBeyond],
          ] as const) {
            const row = rowOf(bytes) + end;
            const log = Buffer.from(`A,1\n${row}${end === '' ? '' : 'B,2\n'}`);
            const found = await decodeCsv(log, { ...USUAL, columns });
            for (const pieceBytes of [60_000, 9999])
              assert.deepEqual(await decodeCsv(log, { ...USUAL, columns }, { pieceBytes }), found);
            assert.equal(found.rejects[0]?.reason, reason);
            assert.equal(found.events.at(-1)!.subject, end === '' ? 'A' : 'B');
          }
        }
      });
    }

    test('rejects a quote that nothing closes within 1 MiB, and reads on behind its line', async () => {
      const log = Buffer.from(`A,1\nB,1,"\n${'C,2\n'.repeat(400_000)}D,"3"\n`);
      for (const pieceBytes of [1 << 16, 12_345]) {
        const { events, rejects } = await decodeCsv(log, { ...USUAL, columns }, { pieceBytes });
        assert.equal(events.length, 400_002);
        assert.deepEqual(rejects, [{ reason: 'quote', line: 2, offset: 4 }]);
      }
    });

    test('takes no time for quotes that stay open while a little comes at a time', async () => {
      const log = Buffer.from(`A,1,"${'x,y\n'.repeat(200_000)}"\n`);
      const { events } = await decodeCsv(log, { ...USUAL, columns }, { pieceBytes: 50 });
      assert.equal(events.length, 1);
    });
  });

  test('has one memory in which it reads faster, whoever asks for it', () => {
    const { room } = csv.open({ columns: { subject: 1, time: 2 }, header: 'auto', timeUnit: 'ms' });
    const memory = room?.(BUFFER_BYTES);
    assert.ok(memory);
    assert.equal(room?.(BUFFER_BYTES), memory);
  });

  test('reads all rows of the real files', needsSharedData(), async () => {
    const folder = join(SHARED_DATA, 'counts');
    const files = readdirSync(folder).filter((name) => name.endsWith('.csv'));
    const counts: unknown[] = [];
    for (const name of files.sort()) {
      const bytes = readFileSync(join(folder, name));
      const { events, rejects } = await decodeCsv(bytes, { ...USUAL, header: 'auto' });
      counts.push([name, events.length, rejects.map(({ reason }) => reason)]);
    }
    assert.deepEqual(counts, [
      ['events-synthetic-17h.csv', 12_713, []],
      ['statement_example.csv', 4, []],
      ['supriya_test_events.csv', 17, ['subject', 'time']],
    ]);
  });
});

const TIME = '2021-03-01 00:11:25.277+00';
const INSTANT = Date.UTC(2021, 2, 1, 0, 11, 25, 277);
