import { DaybookError } from '../core/errors.ts';
import type { Configuration } from './configuration.ts';
import { configurationSchema } from './configuration-schema.ts';
import { Environment } from './environment.ts';
import { about, isMapping, type Problem, refuse, type TreePath } from './problems.ts';
import { referenceProblems } from './reference-problems.ts';
import { checkShape } from './shape-problems.ts';
import { readSmallFile } from './small-file.ts';
import { YamlTree } from './yaml-tree.ts';

/** A configuration as its file says it, and what is known of its values. */
export interface LoadedConfiguration {
  /** With relative paths as they are written. */
  readonly configuration: Configuration;
  /** A problem with something in it, with its place. */
  readonly problemAt: (path: TreePath, message: string) => Problem;
  /** Whether a variable is part of a value. */
  readonly hasVariable: (path: TreePath) => boolean;
}

/**
 * Reads a configuration and checks all of its shape.
 *
 * @throws DaybookError `USAGE` - With all problems; those of the shape only where the YAML can be read.
 */
export function loadConfiguration(path: string, env: NodeJS.ProcessEnv): LoadedConfiguration {
  const text = readSmallFile(path);
  if (text === undefined) {
    throw new DaybookError('USAGE', `there is no file ${path}; daybook init writes one`);
  }
  const environment = new Environment(path, env);
  const tree = new YamlTree(text, (word) => environment.expand(word));
  if (tree.value === undefined) refuse(path, tree.problems);
  const value = tree.value ?? {};
  const variables = setAbove(value, environment);
  const problemAt = (at: TreePath, message: string, key?: string): Problem => {
    const variable = variables.get(at.join('.'));
    if (variable !== undefined) return { message: about([variable], message) };
    const place = key === undefined ? tree.placeOf(at, 'value') : tree.placeOf([...at, key], 'key');
    return { place, message: about(at, message) };
  };
  const hasVariable = (at: TreePath) => tree.hasVariable(at);
  const { shape, problems } = checkShape(configurationSchema, value);
  const further = [...problems, ...referenceProblems(value, hasVariable)].filter(
    ({ path: at, key }) => !tree.isUnusable(key === undefined ? at : [...at, key]),
  );
  refuse(path, [
    ...tree.problems,
    ...further.map(({ path: at, key, message }) => problemAt(at, message, key)),
  ]);
  return { configuration: shape!, problemAt, hasVariable };
}

/** Puts what the environment says above what the file says. Tells which variable is where, by path. */
function setAbove(value: unknown, { overrides }: Environment): Map<string, string> {
  const variables = new Map<string, string>();
  if (!isMapping(value)) return variables;
  for (const { variable, section, key, value: word } of overrides) {
    value[section] ??= {};
    const settings = value[section];
    if (!isMapping(settings)) continue;
    settings[key] = word;
    variables.set(`${section}.${key}`, variable);
  }
  return variables;
}
