import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { MeterAnswer } from '../../src/open/open-meter.ts';
import { meterCsv, meterJson } from '../../src/server/meter-answer.ts';

const MANY = 100_000;
const MINUTE = 60_000;

describe('a long answer of a meter', () => {
  const rows = Array.from({ length: MANY }, (_, i) => ({
    ...{ value: `${i}`, subject: 'acme', groupBy: new Map([['model', 'a']]) },
    ...{ windowStart: i * MINUTE, windowEnd: (i + 1) * MINUTE },
  }));
  const range = { from: Number.NEGATIVE_INFINITY, to: MANY * MINUTE };
  const answer: MeterAnswer = { range, rows, skipped: 0 };
  const complete = { through: 0, final: false };

  for (const [what, make, rowsOf] of [
    [
      'JSON',
      () => meterJson(answer, { windowSize: 'MINUTE' }, complete),
      (text: string) => (JSON.parse(text) as { data: unknown[] }).data.length,
    ],
    [
      'CSV',
      () => meterCsv(answer, { groupBy: ['model'] }),
      (text: string) => text.split('\r\n').length - 2,
    ],
  ] as const)
    test(`leaves others their turn while it is made, as ${what}`, async () => {
      let turns = 0;
      let isOver = false;
      const turn = () => {
        turns++;
        if (!isOver) setImmediate(turn);
      };
      setImmediate(turn);
      const text = await make();
      isOver = true;
      assert.equal(rowsOf(text), MANY);
      assert.ok(turns > 10, `${turns} turns`);
    });
});
