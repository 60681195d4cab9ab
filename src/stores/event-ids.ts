import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { EventList } from '../core/event-list.ts';
import type { SegmentReject } from '../core/rejects.ts';
import { FATE } from '../core/store.ts';

/** What became of the events of a list whose ids were known. */
export interface KnownIds {
  /** One `FATE` an event. */
  readonly fates: Uint8Array;
  readonly duplicate: number;
  readonly conflict: number;
  /** Indexes of the events whose id was counted with another content. */
  readonly conflicts: readonly number[];
}

/** Every id that was counted in a stream, and what stood beside it. */
export class EventIds {
  readonly #insert: StatementSync;
  readonly #find: StatementSync;

  constructor(db: DatabaseSync) {
    this.#insert = db.prepare('INSERT OR IGNORE INTO ids (stream, id, content) VALUES (?, ?, ?)');
    this.#find = db.prepare('SELECT content FROM ids WHERE stream = ? AND id = ?');
  }

  /**
   * Takes note of the ids of a list, and says which were known.
   *
   * @param nameIds - What the list's numbers of names are in the store: contents of different inputs are compared.
   * @param untimed - Indexes of events whose times are not compared.
   */
  add(
    stream: number,
    list: EventList,
    nameIds: Uint32Array,
    untimed?: ReadonlySet<number>,
  ): KnownIds {
    const { length, ids } = list;
    const fates = new Uint8Array(length);
    const conflicts: number[] = [];
    let duplicate = 0;
    // In the order of their first bytes, so that neighbours in the table are turned to one after the other.
    for (const i of byFirstBytes(list)) {
      const id = ids.bytesOf(i);
      if (id.length === 0) continue; // has none
      const key = keyOf(id);
      const content = contentOf(list, i, nameIds, untimed?.has(i));
      if (this.#insert.run(stream, key, content).changes === 1) continue;
      const isSame = this.#find.get(stream, key)!['content'] === content;
      fates[i] = isSame ? FATE.duplicate : FATE.conflict;
      if (isSame) duplicate++;
      else conflicts.push(i);
    }
    return {
      fates,
      duplicate,
      conflict: conflicts.length,
      conflicts: conflicts.sort((a, b) => a - b),
    };
  }
}

/** What became of the events whose ids were known, and the conflicts as rejects. */
export interface SiftedIds extends Pick<KnownIds, 'duplicate' | 'conflict'> {
  readonly conflicts: readonly SegmentReject[];
  readonly fates: Uint8Array | undefined;
}

/** Takes note of the ids of a list, if it has some, and drops the events whose ids were counted before. */
export function siftIds(
  ids: EventIds,
  stream: number,
  list: EventList,
  nameIds: Uint32Array,
  untimed?: ReadonlySet<number>,
): SiftedIds {
  if (!list.fields.includes('id'))
    return { duplicate: 0, conflict: 0, conflicts: [], fates: undefined };
  const { fates, duplicate, conflict, conflicts } = ids.add(stream, list, nameIds, untimed);
  const rejects = conflicts.map((i) => ({
    line: list.columns.line[i]!,
    offset: list.columns.position[i]!,
    reason: 'conflict',
    text: Buffer.from(list.ids.bytesOf(i)).toString(),
  }));
  if (duplicate + conflict === 0)
    return { duplicate, conflict, conflicts: rejects, fates: undefined };
  list.drop(fates);
  return { duplicate, conflict, conflicts: rejects, fates };
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const UUID_BYTES = 36;

/** An id as it is kept: 1 and the sixteen bytes of a UUID in small letters, or 0 and the id as it is. */
export function keyOf(id: Uint8Array): Uint8Array {
  if (id.length === UUID_BYTES) {
    const text = Buffer.from(id).toString('latin1');
    if (UUID.test(text)) return Buffer.from(`01${text.replaceAll('-', '')}`, 'hex');
  }
  const key = new Uint8Array(1 + id.length);
  key.set(id, 1);
  return key;
}

/** Events in the order of the first three bytes of their ids, equal ones as they stand. */
function byFirstBytes({ ids, length }: EventList): Uint32Array {
  const scale = 2 ** Math.ceil(Math.log2(length + 1));
  const keys = new Float64Array(length);
  for (let i = 0; i < length; i++) {
    const id = ids.bytesOf(i);
    const first = ((id[0] ?? 0) << 16) + ((id[1] ?? 0) << 8) + (id[2] ?? 0);
    keys[i] = first * scale + i;
  }
  // Exact: 2^24 times as many events as fit a list in memory are less than 2^53.
  return Uint32Array.from(keys.sort(), (key) => key % scale);
}

/** No event is of this time: they lie within ±2^53. */
const NO_TIME = 2 ** 54;

/** A digest of 53 bits of what stood beside an id: that two contents share one is as good as impossible. */
function contentOf(
  { columns, data, fields }: EventList,
  i: number,
  nameIds: Uint32Array,
  isUntimed = false,
): number {
  const { subject, type, time, value, scale } = columns;
  let [high, low] = [0x9e3779b1, 0x85ebca6b];
  const mix = (word: number) => {
    high = Math.imul(high ^ word, 0x27d4eb2f);
    high ^= high >>> 15;
    low = Math.imul(low ^ word ^ high, 0x165667b1);
    low ^= low >>> 13;
  };
  mix(nameIds[subject[i]!]!);
  if (fields.includes('type')) mix(nameIds[type[i]!]!);
  const compared = isUntimed ? NO_TIME : time[i]!;
  mix((compared % 2 ** 32) | 0);
  mix(Math.floor(compared / 2 ** 32));
  if (fields.includes('value')) {
    let [digits, places] = [value[i]!, scale[i]!];
    for (; places > 0 && digits % 10n === 0n; places--) digits /= 10n; // 1.50 is 1.5
    mix(Number(BigInt.asIntN(32, digits)));
    mix(Number(BigInt.asIntN(32, digits >> 32n)));
    mix(places);
  }
  if (fields.includes('data')) for (const byte of data.bytesOf(i)) mix(byte);
  return (high >>> 0) * 2 ** 21 + (low >>> 11);
}
