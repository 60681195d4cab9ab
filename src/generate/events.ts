import { putClock, putPadded } from './digits.ts';
import type { Generator } from './generator.ts';
import { Names } from './names.ts';

const COMMA = 0x2c;
const BLANK = 0x20;
const POINT = 0x2e;
const LETTER_T = 0x74;
const OFFSET = Buffer.from('+00:00');
const HEX = Buffer.from('0123456789abcdef');
const DAY = 86_400_000;
const TYPES = ['request', 'login', 'upload', 'download', 'export', 'invite', 'payment'];

/** CSV `customer_id,event_type,transaction_id,timestamp` without a header. */
export const events: Generator = {
  extension: 'csv',
  names: 100,
  separator: ',',
  timeField: 3,
  open(random, count) {
    const customers = new Names(Array.from({ length: count }, (_, n) => `customer_${n + 1}`));
    const types = new Names(TYPES);
    const keys = [random.next(), random.next()] as const;
    const date = Buffer.alloc('YYYY-MM-DD'.length);
    let day = Number.NaN;
    let drawn = 0;

    function putDate(bytes: Uint8Array, at: number, ms: number): number {
      if (Math.floor(ms / DAY) !== day) {
        day = Math.floor(ms / DAY);
        date.write(new Date(ms).toISOString());
      }
      for (let i = 0; i < date.length; i++) bytes[at + i] = date[i]!;
      return at + date.length;
    }

    return {
      draw(random, { first, second }, at) {
        first[at] = customers.draw(random) * TYPES.length + types.draw(random);
        second[at] = drawn++;
      },
      put(bytes, from, { time, first, second }, record) {
        const ms = time[record]!;
        const customer = Math.floor(first[record]! / TYPES.length);
        let at = customers.put(bytes, from, customer);
        bytes[at++] = COMMA;
        at = types.put(bytes, at, first[record]! - customer * TYPES.length);
        bytes[at++] = COMMA;
        bytes[at++] = LETTER_T; // Without it, some ids would look like numbers.
        const id = scramble(second[record]! ^ keys[0]); // Different for 2^32 records, then by their times.
        at = putHex(bytes, at, id);
        at = putHex(bytes, at, scramble(id ^ keys[1] ^ ms));
        bytes[at++] = COMMA;
        at = putDate(bytes, at, ms);
        bytes[at++] = BLANK;
        at = putClock(bytes, at, ms);
        bytes[at++] = POINT;
        at = putPadded(bytes, at, ms % 1000, 3);
        for (let i = 0; i < OFFSET.length; i++) bytes[at++] = OFFSET[i]!;
        return at;
      },
    };
  },
};

/** Writes 32 bits as eight digits. Returns where they end. */
function putHex(bytes: Uint8Array, at: number, value: number): number {
  for (let i = 0; i < 8; i++) bytes[at + i] = HEX[(value >>> (28 - 4 * i)) & 15]!;
  return at + 8;
}

/** The finalizer of MurmurHash3 (Austin Appleby, public domain): different numbers stay different. */
function scramble(value: number): number {
  let mixed = value;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
