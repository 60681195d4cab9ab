/**
 * Measures fair billing by daybook and by its peers, in one run, and prints a Markdown table.
 *
 * Usage: node bill.ts [--lines NUMBER] [--rounds NUMBER] [--part NUMBER] [--data FOLDER]
 *
 * The slow peers bill a log of lines / part: what they take beyond their start is multiplied by part. A
 * peer whose bill is not daybook's is an error.
 */
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { answerIn } from './support/answer.ts';
import { BASELINE, type Contender, contendersIn } from './support/contenders.ts';
import { daybookBill } from './support/daybook.ts';
import { logFile, warm } from './support/log-file.ts';
import { describeMachine } from './support/machine.ts';
import { markdownTable } from './support/markdown.ts';
import { MEMORY_METHOD, type Measurement, measure, run } from './support/measure.ts';
import { median } from './support/median.ts';
import { wholeNumber } from './support/whole-number.ts';

const { values } = parseArgs({
  options: {
    lines: { type: 'string', default: '40000000' },
    rounds: { type: 'string', default: '5' },
    part: { type: 'string', default: '10' },
    data: { type: 'string', default: join(import.meta.dirname, 'data') },
  },
});
const lines = wholeNumber('--lines', values.lines);
const rounds = wholeNumber('--rounds', values.rounds);
const part = wholeNumber('--part', values.part);
const output = join(values.data, 'answer.txt');

const EXTRAPOLATION = `
× ${part}: measured on 1/${part} of the lines; what it took beyond its start on ten lines is multiplied
by ${part}. Its peak memory is that of the smaller log.
`;

/** A generated log and daybook's bill of it. */
interface Course {
  readonly log: string;
  readonly answer: string;
}

async function courseOf(lines: number): Promise<Course> {
  const log = logFile(values.data, { lines, disorderSeconds: 0 });
  warm(log);
  await run(daybookBill(log), output);
  return { log, answer: answerIn(output) };
}

async function race({ name, bills, command }: Contender, course: Course): Promise<Measurement> {
  const measurement = await measure(command(course.log), output);
  if (bills && answerIn(output) !== course.answer) {
    throw new Error(`${name} and daybook differ on ${course.log}: see ${output}`);
  }
  return measurement;
}

const machine = describeMachine();
const whole = await courseOf(lines);
const slice = part === 1 ? whole : await courseOf(Math.ceil(lines / part));
const short = await courseOf(10);
const contenders = contendersIn(values.data);
// Once without being timed, so that the files of the programs themselves are in the page cache.
for (const contender of contenders) await race(contender, short);

const measured = contenders.map((contender) => ({
  contender,
  starts: [] as Measurement[],
  runs: [] as Measurement[],
}));
for (let round = 0; round < rounds; round++) {
  // Each begins a round in its turn: then none always runs behind the same other.
  const first = round % measured.length;
  for (const { contender, starts, runs } of [
    ...measured.slice(first),
    ...measured.slice(0, first),
  ]) {
    if (contender.slow) starts.push(await race(contender, short));
    const latest = await race(contender, contender.slow ? slice : whole);
    runs.push(latest);
    const progress = `${round + 1}/${rounds} ${contender.name}: ${latest.seconds.toFixed(2)} s`;
    process.stderr.write(`${progress}\n`);
  }
}

const results = measured.map(({ contender, starts, runs }) => {
  const factor = contender.slow ? part : 1;
  const start = contender.slow ? median(starts.map(({ seconds }) => seconds)) : 0;
  return {
    name: factor === 1 ? contender.name : `${contender.name}, 1/${factor} of the log × ${factor}`,
    seconds: runs.map(({ seconds }) => start + (seconds - start) * factor),
    peakMib: median(runs.map(({ peakMib }) => peakMib)),
  };
});
const baseline = median(results.find(({ name }) => name === BASELINE)!.seconds);
const table = markdownTable(
  ['Contender', 'median s', 'range s', `ratio to ${BASELINE}`, 'million lines/s', 'peak MiB'],
  results.map(({ name, seconds, peakMib }) => [
    name,
    median(seconds).toFixed(2),
    `${Math.min(...seconds).toFixed(2)}–${Math.max(...seconds).toFixed(2)}`,
    (median(seconds) / baseline).toFixed(2),
    (lines / median(seconds) / 1e6).toFixed(2),
    peakMib.toFixed(0),
  ]),
);
process.stdout.write(`${machine}.

${lines.toLocaleString('en')} lines, medians of ${rounds} rounds, the log in the page cache, wall time of
whole processes. Peak memory is from ${MEMORY_METHOD}.
${part === 1 ? '' : EXTRAPOLATION}
${table}
${contenders.map(({ name, about }) => `- ${name}: ${about}\n`).join('')}`);
