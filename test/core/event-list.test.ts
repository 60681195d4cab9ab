import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { Dictionary } from '../../src/core/dictionary.ts';
import { EventBatch } from '../../src/core/event-batch.ts';
import { EventList } from '../../src/core/event-list.ts';

const FIELDS = ['type', 'value', 'id', 'data'] as const;

/** An event that stands at a position, which says all of it. */
function push(batch: EventBatch, position: number): void {
  const i = batch.length++;
  const nameOf = (text: string) => batch.names.add(Buffer.from(text), 0, text.length);
  batch.position[i] = position;
  batch.line[i] = position + 1;
  batch.time[i] = 1000 - position;
  batch.subject[i] = nameOf(`name${position % 5}`);
  batch.type[i] = nameOf(`type${position % 3}`);
  batch.value[i] = BigInt(position);
  batch.scale[i] = position % 4;
  const id = Buffer.from(position % 2 === 0 ? '' : `id${position}`);
  batch.id.append(id, 0, id.length);
  const data = Buffer.from(`{"at":${position}}`);
  batch.data.append(data, 0, data.length);
}

function listOf(positions: readonly number[]): EventList {
  const batch = new EventBatch();
  batch.names = new Dictionary();
  for (const position of positions) push(batch, position);
  const list = new EventList(FIELDS);
  list.append(batch);
  return list;
}

describe('EventList', () => {
  test('takes events of another list in between, where they stand', () => {
    const sides = fc.array(fc.boolean(), { maxLength: 60 });
    fc.assert(
      fc.property(sides, (isHere) => {
        const all = isHere.map((_, position) => position);
        const here = listOf(all.filter((position) => isHere[position]));
        const there = listOf(all.filter((position) => !isHere[position]));
        const names = [here, there].flatMap((list) =>
          Array.from({ length: list.names!.size }, (_, i) => list.names!.nameOf(i)),
        );
        here.insert(there, here.names!.size);
        const { columns, ids, data, length } = here;
        assert.equal(length, all.length);
        for (const position of all) {
          assert.equal(columns.position[position], position);
          assert.equal(columns.line[position], position + 1);
          assert.equal(columns.time[position], 1000 - position);
          assert.equal(names[columns.subject[position]!], `name${position % 5}`);
          assert.equal(names[columns.type[position]!], `type${position % 3}`);
          assert.equal(columns.value[position], BigInt(position));
          assert.equal(columns.scale[position], position % 4);
          const id = Buffer.from(ids.bytesOf(position)).toString();
          assert.equal(id, position % 2 === 0 ? '' : `id${position}`);
          assert.equal(Buffer.from(data.bytesOf(position)).toString(), `{"at":${position}}`);
        }
      }),
    );
  });
});
