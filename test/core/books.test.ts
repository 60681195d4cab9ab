import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Books, checkBalance, describeBooks, rejectedTotal } from '../../src/core/books.ts';

const NOTHING: Books = {
  read: 0,
  counted: 0,
  rejected: {},
  duplicate: 0,
  conflict: 0,
  late: 0,
  filtered: 0,
};
const FULL: Books = {
  read: 106,
  counted: 90,
  rejected: { time: 3, constructor: 1 },
  duplicate: 5,
  conflict: 2,
  late: 4,
  filtered: 1,
};

describe('checkBalance', () => {
  test('is content when every record is in exactly one place', () => {
    checkBalance(NOTHING);
    checkBalance(FULL);
  });

  test('takes one record more or less, anywhere, for a bug', () => {
    for (const part of ['read', 'counted', 'duplicate', 'conflict', 'late', 'filtered'] as const) {
      for (const more of [1, -1]) {
        assert.throws(
          () => checkBalance({ ...FULL, [part]: FULL[part] + more }),
          /^Error: the books do not balance: [0-9]+ read = /,
        );
      }
    }
    assert.throws(() => checkBalance({ ...FULL, rejected: { time: 3 } }), /do not balance/);
  });
});

describe('rejectedTotal', () => {
  test('adds up all reasons', () => {
    assert.equal(rejectedTotal(NOTHING), 0);
    assert.equal(rejectedTotal(FULL), 4);
  });
});

describe('describeBooks', () => {
  test('tells what was counted and rejected, and else only what there was', () => {
    assert.equal(describeBooks(NOTHING), '0 read = 0 counted + 0 rejected');
    assert.equal(
      describeBooks(FULL),
      '106 read = 90 counted + 4 rejected (3 time, 1 constructor) + 5 duplicate + 2 conflict + 4 late + 1 filtered',
    );
  });
});
