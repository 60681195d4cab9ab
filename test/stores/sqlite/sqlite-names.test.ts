import assert from 'node:assert/strict';
import { DatabaseSync } from 'node:sqlite';
import { describe, mock, test } from 'node:test';
import { Dictionary } from '../../../src/core/dictionary.ts';
import { SqliteNames } from '../../../src/stores/sqlite/sqlite-names.ts';

describe('SqliteNames', () => {
  test('finds names that are there, and does not remember what was asked for', () => {
    using db = new DatabaseSync(':memory:');
    db.exec('CREATE TABLE names (id INTEGER PRIMARY KEY, name BLOB NOT NULL UNIQUE)');
    const names = new SqliteNames(db);
    const ant = names.add(Buffer.from('ant'));
    assert.equal(names.add(Buffer.from('ant')), ant);
    const remembered = mock.method(Dictionary.prototype, 'add');
    assert.equal(names.find(Buffer.from('ant')), ant);
    for (let i = 0; i < 10; i++) assert.equal(names.find(Buffer.from(`nobody${i}`)), undefined);
    assert.equal(remembered.mock.callCount(), 0);
    remembered.mock.restore();
  });
});
