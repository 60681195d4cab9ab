import type { Generator } from './generator.ts';
import type { Random } from './random.ts';

const NO_TIMES = ['25:61:00', 'yesterday', '2024-02-30T25:00:00Z', '-'];

/** What becomes of lines. No reader of the format can take one of the results for a record. */
const DAMAGES: readonly ((line: string, generator: Generator, random: Random) => string)[] = [
  // Torn before its last field: a name that is cut short would be one, too.
  (line, { separator }, random) => line.slice(0, 1 + random.below(line.lastIndexOf(separator))),
  // The newline lost, and the next line with it.
  (line) => line + line,
  (line, { separator }) => line.slice(line.indexOf(separator) + 1),
  (line, { separator }) => line.slice(0, line.indexOf(separator) + 1) + line,
  (line, { separator, timeField }, random) =>
    line.split(separator).with(timeField, NO_TIMES[random.below(NO_TIMES.length)]!).join(separator),
  // What is left where a machine lost power.
  (_line, _generator, random) => '\0'.repeat(1 + random.below(40)),
  // No UTF-8.
  (_line, _generator, random) => '\xff\xfe\xc0\x80\xf5'.repeat(1 + random.below(8)),
  () => '-- MARK --',
];

/** Damages the line that stands from `from` to `to`. Returns where it ends now. */
export function damage(
  bytes: Buffer,
  from: number,
  to: number,
  generator: Generator,
  random: Random,
): number {
  const line = bytes.toString('latin1', from, to);
  const damaged = DAMAGES[random.below(DAMAGES.length)]!(line, generator, random);
  return from + bytes.write(damaged, from, 'latin1');
}
