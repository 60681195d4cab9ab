/** What a key can be made of. */
export interface KeyParts {
  readonly report: string;
  /** `YYYY-MM-DD` */
  readonly asOf: string;
  /** Id of the run. */
  readonly run: string;
}

const PLACEHOLDER = /[{]([^{}]*)[}]/g;

/** The placeholders that keys may have, with what stands for them. */
const PLACEHOLDERS: ReadonlyMap<string, (parts: KeyParts) => string> = new Map([
  ['as_of', ({ asOf }) => asOf],
  ['report', ({ report }) => report],
  ['year', ({ asOf }) => asOf.slice(0, -6)],
  ['month', ({ asOf }) => asOf.slice(-5, -3)],
  ['day', ({ asOf }) => asOf.slice(-2)],
  ['run', ({ run }) => run],
]);

/** What is wrong with a key that has placeholders, in words; undefined where nothing is. */
export function keyProblem(template: string): string | undefined {
  const unknown = [...template.matchAll(PLACEHOLDER)].find(([, name]) => !PLACEHOLDERS.has(name!));
  const known = [...PLACEHOLDERS.keys()].map((name) => `{${name}}`).join(', ');
  return unknown && `there is no ${unknown[0].slice(0, 80)}; a key can have ${known}`;
}

/** A run's key, with its placeholders filled in. */
export function filledKey(template: string, parts: KeyParts): string {
  return template.replaceAll(PLACEHOLDER, (word, name) => PLACEHOLDERS.get(name)?.(parts) ?? word);
}
