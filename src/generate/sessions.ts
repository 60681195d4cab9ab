import { putClock } from './digits.ts';
import type { Generator } from './generator.ts';
import { differentWords, firstName, Names } from './names.ts';
import type { Random } from './random.ts';

const BLANK = 0x20;
const START = 0;
const MARKERS = [Buffer.from('Start'), Buffer.from('End')] as const;
/** Records of which the other half was lost before, in 2^32. */
const LOST = Math.round(0.02 * 2 ** 32);

/** `HH:MM:SS NAME Start|End`. Now and then the record before was lost, so that a half has no other. */
export const sessions: Generator = {
  extension: 'log',
  names: 1000,
  separator: ' ',
  timeField: 0,
  open(random, count) {
    const names = new Names(differentWords(count, () => userName(random)));
    /** What each user does next. */
    const next = new Uint8Array(count);
    return {
      draw(random, { first, second }, at) {
        const name = names.draw(random);
        const marker = random.next() < LOST ? 1 - next[name]! : next[name]!;
        first[at] = name;
        second[at] = marker;
        next[name] = 1 - marker;
      },
      put(bytes, at, { time, first, second }, from) {
        const clockEnd = putClock(bytes, at, time[from]!);
        bytes[clockEnd] = BLANK;
        const nameEnd = names.put(bytes, clockEnd + 1, first[from]!);
        bytes[nameEnd] = BLANK;
        const marker = MARKERS[second[from] === START ? 0 : 1];
        for (let i = 0; i < marker.length; i++) bytes[nameEnd + 1 + i] = marker[i]!;
        return nameEnd + 1 + marker.length;
      },
    };
  },
};

/** Such as `KALINO`, `MISHA42` or `Zuri`. */
function userName(random: Random): string {
  const name = firstName(random);
  const cased = random.below(4) === 0 ? name : name.toUpperCase();
  return random.below(2) === 0 ? cased : `${cased}${10 + random.below(90)}`;
}
