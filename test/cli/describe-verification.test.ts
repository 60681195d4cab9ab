import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { describeVerification } from '../../src/cli/describe-verification.ts';
import type { Verification } from '../../src/pipeline/runs/verify-run.ts';
import { runLike } from '../support/run-history-suite.ts';

describe('describeVerification', () => {
  const input = { name: 'users', before: { name: 'users', rows: 1, digest: 'a' } };
  const found = { isSame: false, digest: 'b', asked: [], inputs: [], object: 'same' } as const;
  const told = (part: Partial<Verification>) =>
    describeVerification(runLike(), { ...found, ...part }).lines.join('\n');

  test('tells which inputs have changed', () => {
    assert.match(told({ inputs: [input] }), /the inputs have changed since: users is not read/);
  });

  test('does not blame the inputs where something else is asked', () => {
    const lines = told({ inputs: [input], asked: ['days'] });
    assert.match(lines, /the configuration has changed since: days/);
    assert.doesNotMatch(lines, /inputs/);
  });

  test('says so where the same inputs gave another report', () => {
    assert.match(told({}), /the same inputs gave another report/);
    assert.equal(describeVerification(runLike(), found).isRight, false);
  });
});
