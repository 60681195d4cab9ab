import { putNumber } from './digits.ts';
import type { Generator } from './generator.ts';
import { differentWords, firstName, Names } from './names.ts';

const BLANK = 0x20;

/** `EPOCH_MS SOURCE TARGET`. Frequent hosts now and then connect to themselves. */
export const connections: Generator = {
  extension: 'log',
  names: 7000,
  separator: ' ',
  timeField: 0,
  open(random, count) {
    const hosts = new Names(differentWords(count, () => firstName(random)));
    return {
      draw(random, { first, second }, at) {
        first[at] = hosts.draw(random);
        second[at] = hosts.draw(random);
      },
      put(bytes, at, { time, first, second }, from) {
        const timeEnd = putNumber(bytes, at, time[from]!);
        bytes[timeEnd] = BLANK;
        const sourceEnd = hosts.put(bytes, timeEnd + 1, first[from]!);
        bytes[sourceEnd] = BLANK;
        return hosts.put(bytes, sourceEnd + 1, second[from]!);
      },
    };
  },
};
