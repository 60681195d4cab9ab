import type { EventList } from '../core/event-list.ts';
import type { Note } from '../core/table.ts';
import { quote } from '../core/time.ts';

/** An id and where it stands. */
interface PlacedId {
  readonly id: string;
  readonly input: string;
  readonly line: number;
}

/** What the ids of some events look like: UUIDs, or something of their own. */
export class IdForms {
  #uuids = 0;
  #others = 0;
  #first: PlacedId | undefined;

  /** @param linesBefore - How many lines of the input stand in front of these events. */
  add({ ids, columns, length }: EventList, input: string, linesBefore: number): void {
    for (let i = 0; i < length; i++) {
      const id = ids.bytesOf(i);
      if (id.length === 0) continue; // has none
      if (isUuid(id)) {
        this.#uuids++;
        continue;
      }
      this.#others++;
      this.#first ??= {
        id: Buffer.from(id.subarray(0, MOST_SHOWN_BYTES)).toString(),
        input,
        line: linesBefore + columns.line[i]!,
      };
    }
  }

  /** Adds the ids of events that come behind these. */
  addAll(behind: IdForms): void {
    this.#uuids += behind.#uuids;
    this.#others += behind.#others;
    this.#first ??= behind.#first;
  }

  /** What is to be told where most ids are UUIDs and some are not: these may be a mistake. */
  get note(): Note | undefined {
    if (this.#first === undefined || this.#others >= this.#uuids) return undefined;
    const { id, input, line } = this.#first;
    const ids = this.#others === 1 ? '1 id does' : `${this.#others} ids do`;
    const message = `${ids} not look like the others, such as ${quote(id)} in ${input}, line ${line}`;
    return { code: 'odd-ids', message, count: this.#others, input, line };
  }
}

const MOST_SHOWN_BYTES = 100;
const DASH = 0x2d;
const DASHED_LENGTH = 36;
const BARE_LENGTH = 32;

/** Whether an id is a UUID, with its four dashes or without any. */
function isUuid(id: Uint8Array): boolean {
  const isDashed = id.length === DASHED_LENGTH;
  if (!isDashed && id.length !== BARE_LENGTH) return false;
  for (let at = 0; at < id.length; at++) {
    const byte = id[at]!;
    const isDash = isDashed && (at === 8 || at === 13 || at === 18 || at === 23);
    if (isDash ? byte !== DASH : !isHexDigit(byte)) return false;
  }
  return true;
}

function isHexDigit(byte: number): boolean {
  const small = byte | 0x20;
  return (byte >= 0x30 && byte <= 0x39) || (small >= 0x61 && small <= 0x66);
}
