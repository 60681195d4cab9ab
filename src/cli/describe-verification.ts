import type { Run } from '../core/run-history.ts';
import { daybookVersion } from '../core/version.ts';
import type { ChangedInput, Verification } from '../pipeline/runs/verify-run.ts';

/** What was found of a run, line by line, and whether all is as it was entered. */
export function describeVerification(
  run: Run,
  { isSame, digest, asked, inputs, object }: Verification,
): { readonly lines: readonly string[]; readonly isRight: boolean } {
  const lines: string[] = [];
  const add = (line: string) => lines.push(`${run.report} ${run.asOf}: ${line}`);
  if (isSame) add(`the same report comes of it again, sha256 ${digest}`);
  else {
    add(`another report comes of it now: sha256 ${digest}, not ${run.digest}`);
    // Where something else is asked, something else comes of the same inputs.
    if (asked.length === 0)
      for (const input of inputs) add(`the inputs have changed since: ${changeText(input)}`);
    if (asked.length > 0) add(`the configuration has changed since: ${asked.join(', ')}`);
    if (inputs.length === 0 && asked.length === 0) {
      const now = daybookVersion();
      const by = now === run.version ? '' : `; it was made by ${run.version}, this is ${now}`;
      add(`the same inputs gave another report${by}`);
    }
  }
  if (object === undefined) add(`reports go elsewhere now; ${run.destination} was not looked at`);
  else add(OBJECTS[object].replace('$', run.destination ?? ''));
  return { lines, isRight: isSame && (object === 'same' || object === undefined) };
}

const OBJECTS = {
  same: '$ is as it was written',
  other: '$ is not what the run has written',
  gone: '$ is gone',
} as const;

function changeText({ name, before, now }: ChangedInput): string {
  if (before === undefined || now === undefined) return `${name} ${now ? 'is new' : 'is not read'}`;
  const rows = (count: number) => count.toLocaleString('en-US');
  if (before.rows === now.rows)
    return `${name}, ${rows(now.rows)} rows as before, of other content`;
  return `${name}, ${rows(before.rows)} rows then, ${rows(now.rows)} now`;
}
