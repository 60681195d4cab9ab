import type { EventList } from '../../core/event-list.ts';
import type { Note } from '../../core/table.ts';
import { quote } from '../../core/time.ts';

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

/** What the ids of some events look like, and of others behind them. */
export function idFormsOf(parts: readonly (IdForms | undefined)[]): IdForms {
  const forms = new IdForms();
  for (const part of parts) if (part !== undefined) forms.addAll(part);
  return forms;
}

const MOST_SHOWN_BYTES = 100;
const HEX_DIGIT = 1;
const DASH = 2;
/** What each byte is. */
const CLASSES: Uint8Array = new Uint8Array(256);
for (const digit of Buffer.from('0123456789abcdefABCDEF')) CLASSES[digit] = HEX_DIGIT;
CLASSES['-'.charCodeAt(0)] = DASH;
/** What stands where in a UUID: with its four dashes, or without any. */
const DASHED: Uint8Array = new Uint8Array(36).fill(HEX_DIGIT);
for (const at of [8, 13, 18, 23]) DASHED[at] = DASH;
const BARE: Uint8Array = new Uint8Array(32).fill(HEX_DIGIT);

function isUuid(id: Uint8Array): boolean {
  const { length } = id;
  if (length !== DASHED.length && length !== BARE.length) return false;
  const form = length === DASHED.length ? DASHED : BARE;
  for (let at = 0; at < length; at++) if (CLASSES[id[at]!] !== form[at]) return false;
  return true;
}
