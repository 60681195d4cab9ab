import { withoutControls } from '../core/cell.ts';
import type { Run, RunInput } from '../core/run-history.ts';
import { runRecord } from '../core/run-record.ts';
import { formatInstant } from '../core/time.ts';

const at = (instant: number | undefined) =>
  instant === undefined ? undefined : formatInstant(instant, 'UTC');

/** All that is known of a run, for people: a fact a line. */
export function describeRun(run: Run): string {
  const { parameters, inputs, notes } = run;
  const facts: (readonly [what: string, value: string | number | undefined])[] = [
    ['run', run.id],
    ['report', run.report],
    ['as of', run.asOf],
    ['state', run.state],
    ['error', run.error],
    ['due', at(run.due)],
    ['started', at(run.started)],
    ['finished', at(run.finished)],
    ['rows', run.rows],
    ['bytes', run.sizeBytes],
    ['sha256', run.digest],
    ['destination', run.destination],
    ['version', run.version],
    ...inputs.map((input) => ['input', inputText(input)] as const),
    ...Object.entries(parameters).map(
      ([name, value]) => ['parameter', `${name} ${value}`] as const,
    ),
    ...notes.map(({ message }) => ['note', message] as const),
  ];
  const lines = facts.flatMap(([what, value]) =>
    value === undefined ? [] : [`${what.padEnd(11)}  ${withoutControls(String(value))}\n`],
  );
  return lines.join('');
}

/** All that is known of a run, for programs. */
export function runJson(run: Run): string {
  return JSON.stringify(runRecord(run), null, 2);
}

function inputText({ name, rows, digest }: RunInput): string {
  return `${name}: ${rows} rows, sha256 ${digest}`;
}
