import { isMapping, type TreePath } from './problems.ts';

/** Keys under which there are secrets. A `key` alone is a column or the name of an object. */
const SECRET = /(^|_)(url|password|token|secret)$|(access|api|private|secret)_?key$/i;
const DATABASE = /^(postgres|postgresql|mysql|mariadb):$/;
const MASK = '***';

/**
 * A copy of a configuration that anyone may read: what came from a variable or lies under a key such as
 * `url` or `password` is masked. Of the URL of a database only its password is.
 */
export function masked(
  value: unknown,
  hasVariable: (path: TreePath) => boolean,
  path: TreePath = [],
): unknown {
  const inner = ([key, part]: [PropertyKey, unknown]) =>
    [key, masked(part, hasVariable, [...path, key])] as const;
  if (value instanceof Map) return new Map([...value].map(inner));
  if (Array.isArray(value)) return [...value.entries()].map(inner).map(([, part]) => part);
  if (isMapping(value)) return new Map(Object.entries(value).map(inner));
  const isUrl = typeof value === 'string' && /^[a-z][a-z0-9+.-]*:[/][/].*@/i.test(value);
  return isUrl || isSecret(path) || hasVariable(path) ? maskOf(String(value)) : value;
}

function isSecret(path: TreePath): boolean {
  const key = path.findLast((step) => typeof step === 'string');
  return typeof key === 'string' && SECRET.test(key);
}

/** Shows a URL only where it is certain which part of it is the password. */
function maskOf(text: string): string {
  const url = URL.parse(text);
  if (!url || !DATABASE.test(url.protocol)) return MASK;
  if (`${url.pathname}${url.search}${url.hash}`.includes('@')) return MASK;
  if (url.password !== '') url.password = MASK;
  for (const key of new Set(url.searchParams.keys()))
    if (/passw|token|secret|key/i.test(key)) url.searchParams.set(key, MASK);
  return url.href;
}
