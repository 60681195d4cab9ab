import * as z from 'zod';
import { quote } from '../core/time.ts';
import { didYouMean } from './did-you-mean.ts';
import { about, isMapping, type TreePath } from './problems.ts';

/** What the shape of a value is not as it should be. */
export interface ShapeProblem {
  /** What it is said of. */
  readonly path: TreePath;
  /** The key of it that should not be there, or should and is not. */
  readonly key?: string;
  readonly message: string;
}

/** Checks a value against a schema, and says in words all that is wrong with it. */
export function checkShape<Shape>(
  schema: z.ZodType<Shape>,
  value: unknown,
): { readonly shape?: Shape; readonly problems: readonly ShapeProblem[] } {
  const { success, data, error } = schema.safeParse(value, { error: messageOf });
  if (success) return { shape: data, problems: [] };
  const problems = error.issues.flatMap(problemsOf);
  return { problems: problems.filter((problem) => !isMisspelt(problem, problems)) };
}

/** Whether a key is missing only because another was meant to be it. */
function isMisspelt({ path, key, message }: ShapeProblem, all: readonly ShapeProblem[]): boolean {
  if (key === undefined || !message.includes(MISSING)) return false;
  const meant = all.filter((other) => other.message.endsWith(didYouMean(key, [key])));
  return meant.some((other) => about(other.path, '') === about(path, ''));
}

function problemsOf(issue: z.core.$ZodIssue): ShapeProblem[] {
  const { code, path, message } = issue;
  const holder = path.slice(0, -1);
  if (code === 'unrecognized_keys') {
    const messages = message.split('\n');
    return issue.keys.map((key, i) => ({ path, key, message: messages[i] ?? message }));
  }
  if (code === 'invalid_key') {
    return [{ path: holder, key: String(path.at(-1)), message }];
  }
  if (message.startsWith(MISSING)) {
    const key = String(path.at(-1));
    const rest = message.slice(MISSING.length);
    return [{ path: holder, key, message: `${quote(key)} is missing${rest}` }];
  }
  return [{ path, message }];
}

const MISSING = 'missing';

/** What is wrong, a line for each key that is not known. */
function messageOf(issue: z.core.$ZodRawIssue): string {
  switch (issue.code) {
    case 'unrecognized_keys': {
      const known = issue.inst instanceof z.ZodObject ? Object.keys(issue.inst.shape) : [];
      const lines = issue.keys.map((key) => `unknown key ${quote(key)}${didYouMean(key, known)}`);
      return lines.join('\n');
    }
    case 'invalid_union': {
      const { input, discriminator, options } = issue;
      const word = isMapping(input) ? input[String(discriminator)] : undefined;
      return choice(word, Array.isArray(options) ? options : []);
    }
    case 'invalid_value':
      return choice(issue.input, issue.values);
    case 'invalid_key':
      return `${issue.issues[0]?.message}, not ${quote(String(issue.path?.at(-1)))}`;
    case 'invalid_type':
      if (issue.input === undefined) return MISSING;
      return `expected ${TYPES[issue.expected] ?? issue.expected}`;
    case 'too_small':
      return 'expected at least one';
    default:
      return 'this cannot be used';
  }
}

const TYPES: Readonly<Record<string, string>> = {
  array: 'a list',
  object: 'keys and values',
  record: 'keys and values',
  string: 'text',
};

function choice(word: unknown, choices: readonly unknown[]): string {
  const words = choices.filter((it) => it !== undefined).map(String);
  const list = words.length === 1 ? words[0] : `one of ${words.join(', ')}`;
  if (word === undefined) return `${MISSING}; it is ${list}`;
  const near = typeof word === 'string' ? didYouMean(word, words) : '';
  return `expected ${list}${near}`;
}
