import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, test } from 'node:test';
import { EventBatch } from '../../../src/core/event-batch.ts';
import { EventList } from '../../../src/core/event-list.ts';
import { IdForms } from '../../../src/pipeline/ingest/id-forms.ts';

/** Events with these ids, a line each from 1 on. */
function eventsWith(ids: readonly string[]): EventList {
  const batch = new EventBatch();
  for (const [i, id] of ids.entries()) {
    const bytes = Buffer.from(id);
    batch.id.append(bytes, 0, bytes.length);
    batch.line[i] = i + 1;
  }
  batch.length = ids.length;
  const events = new EventList(['id']);
  events.append(batch);
  return events;
}

function noted(...ids: readonly string[]): string | undefined {
  const forms = new IdForms();
  forms.add(eventsWith(ids), 'a.csv', 10);
  return forms.note?.message;
}

const UUIDS = Array.from({ length: 3 }, () => randomUUID());

describe('odd ids', () => {
  test('are those that are no UUIDs among many that are', () => {
    assert.equal(
      noted(...UUIDS, 'abc', 'x'),
      '2 ids do not look like the others, such as "abc" in a.csv, line 14',
    );
    const [uuid] = UUIDS;
    for (const odd of ['abc', `${uuid}0`, uuid!.replace('-', '0'), `g${uuid!.slice(1)}`, 'é'])
      assert.equal(
        noted(...UUIDS, odd),
        `1 id does not look like the others, such as "${odd}" in a.csv, line 14`,
      );
  });

  test('are none where all are alike, or half of them are not', () => {
    const bare = UUIDS.map((uuid) => uuid.replaceAll('-', '').toUpperCase());
    assert.equal(noted(...UUIDS, ...bare), undefined);
    assert.equal(noted('a', 'b', 'c'), undefined);
    assert.equal(noted('a', 'b', 'c', ...UUIDS), undefined);
    assert.equal(noted(), undefined);
  });

  test('are no empty ones: such a record has none', () => {
    assert.equal(noted(...UUIDS, ''), undefined);
  });

  test('are shown in part where they are long', () => {
    const message = noted(...UUIDS, '\u0007'.repeat(1 << 20));
    assert.ok(message!.length < 1000);
    assert.match(message!, /^1 id .*\\u0007…" in a.csv, line 14$/);
  });

  test('are told of several files together', () => {
    const [all, odd] = [new IdForms(), new IdForms()];
    all.add(eventsWith(UUIDS), 'a.csv', 0);
    odd.add(eventsWith(['abc']), 'b.csv', 6);
    assert.equal(odd.note, undefined);
    all.addAll(odd);
    assert.deepEqual(all.note, {
      code: 'odd-ids',
      message: '1 id does not look like the others, such as "abc" in b.csv, line 7',
      ...{ count: 1, input: 'b.csv', line: 7 },
    });
  });
});
