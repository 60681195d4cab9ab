import type { Archive } from '../../core/archive.ts';
import type { Run, RunInput } from '../../core/run-history.ts';
import type { ReportToMake } from './make-report.ts';
import { measureReport } from './render-report.ts';

/** What a run's report is now, beside what the run has entered. */
export interface Verification {
  /** Whether the same report comes of it again. */
  readonly isSame: boolean;
  /** SHA-256 of the report as it comes of it now. */
  readonly digest: string;
  /** What was asked for then, and is asked for otherwise now, by name. */
  readonly asked: readonly string[];
  /** Inputs of which something else comes now, before and after. */
  readonly inputs: readonly ChangedInput[];
  /** What stands in the archive: the report, something else, or nothing; undefined where reports go elsewhere now. */
  readonly object: 'same' | 'other' | 'gone' | undefined;
}

/** An input of which something else comes now. */
export interface ChangedInput {
  readonly name: string;
  readonly before?: RunInput | undefined;
  readonly now?: RunInput | undefined;
}

/**
 * Makes the report of a run once more, compares it, and looks at what stands in the archive. Writes nothing.
 *
 * @throws DaybookError What making it fails with.
 */
export async function verifyRun(
  run: Run,
  asked: ReportToMake,
  archive: Archive | undefined,
  signal?: AbortSignal,
): Promise<Verification> {
  const opened = await asked.open({ asOf: run.asOf, ...(signal && { signal }) });
  try {
    const { digest } = await measureReport(opened.table, asked, { signal });
    const parameters = { ...opened.parameters, ...asked.parameters };
    return {
      ...{ digest, isSame: digest === run.digest },
      asked: changedKeys(run.parameters, parameters),
      inputs: changedInputs(run.inputs, opened.inputs()),
      object: await objectOf(run, archive, signal),
    };
  } finally {
    await opened.close().catch(() => {});
  }
}

function changedKeys(before: Run['parameters'], now: Run['parameters']): string[] {
  const keys = new Set([...Object.keys(before), ...Object.keys(now)]);
  return [...keys].filter((key) => JSON.stringify(before[key]) !== JSON.stringify(now[key]));
}

function changedInputs(before: readonly RunInput[], now: readonly RunInput[]): ChangedInput[] {
  const names = new Set([...before, ...now].map(({ name }) => name));
  const named = (inputs: readonly RunInput[], name: string) =>
    inputs.find((input) => input.name === name);
  return [...names]
    .map((name) => ({ name, before: named(before, name), now: named(now, name) }))
    .filter((input) => input.before?.digest !== input.now?.digest);
}

async function objectOf(
  { key, digest, destination }: Run,
  archive: Archive | undefined,
  signal: AbortSignal | undefined,
): Promise<Verification['object']> {
  if (key === undefined || archive?.locationOf(key) !== destination) return undefined;
  const found = await archive?.find(key, { read: true, signal });
  if (found === undefined) return 'gone';
  return found.digest === digest ? 'same' : 'other';
}
