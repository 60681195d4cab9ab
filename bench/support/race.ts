import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { answerIn } from './answer.ts';
import { type Contender, contendersIn } from './contenders.ts';
import { logFile, warm } from './log-file.ts';
import { markdownTable } from './markdown.ts';
import { MEMORY_METHOD, type Measurement, measure } from './measure.ts';
import { median } from './median.ts';
import type { RaceOptions } from './race-options.ts';
import type { Task } from './task.ts';

/** A generated log and the answer of the first contender. */
interface Course {
  readonly log: string;
  readonly answer: string;
  /** The file for answers. */
  readonly output: string;
}

/** A contender, and what its runs took, also those on ten lines that a slow one needs. */
interface Measured {
  readonly contender: Contender;
  readonly starts: Measurement[];
  readonly runs: Measurement[];
}

/**
 * Measures a task by daybook and by its peers, in turn, and returns a Markdown table with notes.
 *
 * The slow peers get a log of lines / part: what they take beyond their start is multiplied by part.
 *
 * @throws Error The answers of two contenders differ.
 */
export async function race(task: Task, options: RaceOptions): Promise<string> {
  const { lines, rounds, part, data, only } = options;
  mkdirSync(data, { recursive: true });
  const contenders = contendersIn(data, task).filter(
    ({ name }) => only.length === 0 || only.some((start) => name.startsWith(start)),
  );
  const first = contenders.find(({ answers }) => answers);
  if (first === undefined) throw new Error('no contender that answers is left');
  const output = join(data, 'answer.txt');
  const courseOf = async (lines: number): Promise<Course> => {
    const log = logFile(data, task.log, { lines, disorderSeconds: task.disorderSeconds });
    warm(log);
    await measure(first.command(log), output);
    return { log, answer: answerIn(output), output };
  };
  const short = await courseOf(10);
  const slice = await courseOf(Math.ceil(lines / part));
  const whole = part === 1 ? slice : await courseOf(lines);
  // Once without being timed, so that the files of the programs themselves are in the page cache.
  for (const contender of contenders) await runOn(short, contender);

  const measured = contenders.map((contender): Measured => ({ contender, starts: [], runs: [] }));
  for (let round = 0; round < rounds; round++) {
    // Each begins a round in its turn: then none always runs behind the same other.
    const turn = round % measured.length;
    for (const { contender, starts, runs } of [
      ...measured.slice(turn),
      ...measured.slice(0, turn),
    ]) {
      if (contender.slow) starts.push(await runOn(short, contender));
      const latest = await runOn(contender.slow ? slice : whole, contender);
      runs.push(latest);
      const progress = `${round + 1}/${rounds} ${contender.name}: ${latest.seconds.toFixed(2)} s`;
      process.stderr.write(`${progress}\n`);
    }
  }
  return `${lines.toLocaleString('en')} lines, medians of ${rounds} rounds, the log in the page cache, wall time of
whole processes. Peak memory is from ${MEMORY_METHOD}.
${part === 1 ? '' : extrapolation(part)}
${tableOf(measured, task, options)}
${contenders.map(({ name, about }) => `- ${name}: ${about}\n`).join('')}`;
}

async function runOn(course: Course, { name, answers, command }: Contender): Promise<Measurement> {
  const { log, answer, output } = course;
  const measurement = await measure(command(log), output);
  if (answers && answerIn(output) !== answer) {
    throw new Error(`the answer of ${name} differs on ${log}: see ${output}`);
  }
  return measurement;
}

function tableOf(
  measured: readonly Measured[],
  { baseline }: Task,
  { lines, part }: RaceOptions,
): string {
  const results = measured.map(({ contender, starts, runs }) => {
    const factor = contender.slow ? part : 1;
    const start = contender.slow ? median(starts.map(({ seconds }) => seconds)) : 0;
    return {
      name: factor === 1 ? contender.name : `${contender.name}, 1/${factor} of the log × ${factor}`,
      seconds: runs.map(({ seconds }) => start + (seconds - start) * factor),
      peakMib: median(runs.map(({ peakMib }) => peakMib)),
    };
  });
  const unit = median(results.find(({ name }) => name === baseline)?.seconds ?? [NaN]);
  return markdownTable(
    ['Contender', 'median s', 'range s', `ratio to ${baseline}`, 'million lines/s', 'peak MiB'],
    results.map(({ name, seconds, peakMib }) => [
      name,
      median(seconds).toFixed(2),
      `${Math.min(...seconds).toFixed(2)}–${Math.max(...seconds).toFixed(2)}`,
      (median(seconds) / unit).toFixed(2),
      (lines / median(seconds) / 1e6).toFixed(2),
      peakMib.toFixed(0),
    ]),
  );
}

function extrapolation(part: number): string {
  return `
× ${part}: measured on 1/${part} of the lines; what it took beyond its start on ten lines is multiplied
by ${part}. Its peak memory is that of the smaller log.
`;
}
