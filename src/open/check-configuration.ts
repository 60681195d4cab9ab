import { dirname } from 'node:path';
import { stringify } from 'yaml';
import { loadConfiguration } from '../config/load-configuration.ts';
import { masked } from '../config/masked.ts';
import { lineOf, refuse } from '../config/problems.ts';
import type { ShapeProblem } from '../config/shape-problems.ts';
import { placeProblems } from './place-problems.ts';

/** What a check tells of a configuration that is right. */
export interface CheckedConfiguration {
  /** What is in effect, as YAML, with secrets masked. */
  readonly effective: string;
  /** What may be meant as it is. */
  readonly notes: readonly string[];
}

/**
 * Checks a configuration and whether the files and folders that it names can be used. Changes nothing, makes
 * no store, and asks no database.
 *
 * @throws DaybookError `USAGE` - With all problems; files are looked at when all else is right.
 */
export function checkConfiguration(path: string, env: NodeJS.ProcessEnv): CheckedConfiguration {
  const { configuration, problemAt, hasVariable } = loadConfiguration(path, env);
  const { problems, notes } = placeProblems(configuration, dirname(path));
  const placed = (findings: readonly ShapeProblem[]) =>
    findings.map((finding) => problemAt(finding.path, finding.message));
  refuse(path, placed(problems));
  return {
    effective: stringify(masked(configuration, hasVariable), { lineWidth: 0 }),
    notes: placed(notes).map((note) => lineOf(path, note)),
  };
}
