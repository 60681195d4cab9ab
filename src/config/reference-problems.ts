import { quote } from '../core/time.ts';
import { didYouMean } from './did-you-mean.ts';
import { POSTED } from './posted-stream.ts';
import { isMapping, type TreePath } from './problems.ts';
import type { ShapeProblem } from './shape-problems.ts';

/**
 * What parts of a configuration say of each other, and is not so: names that nothing has, and names and
 * the default that two have.
 *
 * Looks at values of any shape, so that it tells of these beside what is wrong with the shape. What a variable
 * says is not repeated: it may be a secret in the wrong place.
 */
export function referenceProblems(
  value: unknown,
  hasVariable: (path: TreePath) => boolean,
): ShapeProblem[] {
  if (!isMapping(value)) return [];
  const { sources, databases, meters, reports } = value;
  const problems: ShapeProblem[] = [];
  if (isMapping(sources) && Object.hasOwn(sources, POSTED.name))
    problems.push({
      path: ['sources', POSTED.name],
      message: `events that are posted are called ${POSTED.name}; give the source another name`,
    });
  const refer = (word: unknown, what: string, parts: unknown, path: TreePath) => {
    const names = isMapping(parts) ? Object.keys(parts) : [];
    if (what === 'source') names.push(POSTED.name);
    if (typeof word !== 'string' || names.includes(word)) return;
    const called = hasVariable(path) ? 'of that name' : quote(word) + didYouMean(word, names);
    problems.push({ path, message: `there is no ${what} ${called}` });
  };
  const slugs = new Set<unknown>();
  for (const [i, meter] of Array.isArray(meters) ? meters.entries() : []) {
    if (!isMapping(meter)) continue;
    refer(meter['source'], 'source', sources, ['meters', i, 'source']);
    const { slug } = meter;
    if (typeof slug === 'string' && slugs.has(slug))
      problems.push({ path: ['meters', i, 'slug'], message: 'another meter is called so' });
    slugs.add(slug);
  }
  let standard: string | undefined;
  for (const [name, report] of isMapping(reports) ? Object.entries(reports) : []) {
    if (!isMapping(report)) continue;
    for (const part of ['subjects', 'activity']) {
      const asked = report[part];
      if (isMapping(asked))
        refer(asked['database'], 'database', databases, ['reports', name, part, 'database']);
    }
    if (String(report['default']) !== 'true') continue; // A variable is text.
    if (standard !== undefined) {
      const message = `${quote(standard)} is the default`;
      problems.push({ path: ['reports', name, 'default'], message });
    }
    standard ??= name;
  }
  return problems;
}
