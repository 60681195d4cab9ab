import { DaybookError } from '../core/errors.ts';
import { quote } from '../core/time.ts';

/** Where something stands in a configuration: keys, and numbers from 0. */
export type TreePath = readonly PropertyKey[];

/** What is wrong in a configuration. */
export interface Problem {
  /** Where it begins; undefined where it is not in the file. */
  readonly place?: { readonly line: number; readonly col: number } | undefined;
  /** What is wrong with what, and what to write instead. */
  readonly message: string;
}

const MAX_TOLD = 50;

/**
 * Refuses a configuration that has problems, with all of them in the order of the file.
 *
 * @throws DaybookError `USAGE`
 */
export function refuse(path: string, problems: readonly Problem[]): void {
  if (problems.length === 0) return;
  const lines = problems.toSorted(byPlace).map((problem) => lineOf(path, problem));
  const more = lines.length - MAX_TOLD;
  const told = more > 0 ? [...lines.slice(0, MAX_TOLD), `${path}: and ${more} more`] : lines;
  throw new DaybookError('USAGE', told.join('\n'), { lines: told });
}

/** A problem as a line, in the form that editors and terminals find the place by. */
export function lineOf(path: string, { place, message }: Problem): string {
  return place ? `${path}:${place.line}:${place.col}: ${message}` : `${path}: ${message}`;
}

/** Whether a value has keys. */
export function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What is said of something, behind where it stands: `sources.app.paths[0]: …`. */
export function about(path: TreePath, message: string): string {
  const words = path.map((step, i) => {
    if (typeof step === 'number') return `[${step}]`;
    const word = String(step);
    return `${i === 0 ? '' : '.'}${/^[\w-]+$/.test(word) ? word : quote(word)}`;
  });
  return words.length === 0 ? message : `${words.join('')}: ${message}`;
}

function byPlace({ place: a }: Problem, { place: b }: Problem): number {
  if (a === undefined || b === undefined) return Number(b !== undefined) - Number(a !== undefined);
  return a.line - b.line || a.col - b.col;
}
