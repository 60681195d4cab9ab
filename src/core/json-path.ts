import { DaybookError } from './errors.ts';
import { elementsOf, membersOf } from './json-members.ts';
import { quote } from './time.ts';

/**
 * The way to one value in JSON, in the words of JSONPath (RFC 9535) that name one place: `$.a.b`, `$['a b']`, `$.a[0]`.
 *
 * @example
 * new JsonPath('$.usage.tokens').find('{"usage":{"tokens":1.50}}'); // '1.50'
 */
export class JsonPath {
  readonly #steps: readonly (string | number)[];

  /** @throws DaybookError `USAGE` - It is no such path. */
  constructor(path: string) {
    const steps = stepsOf(path);
    if (steps === undefined)
      throw new DaybookError(
        'USAGE',
        `${quote(path)} is no path; write $.name, $.outer.inner, $['a name'] or $.list[0]`,
      );
    this.#steps = steps;
  }

  /**
   * The JSON of what stands there, as it is written; undefined where there is nothing.
   *
   * @param json - Valid text of any value.
   */
  find(json: string): string | undefined {
    let found: string | undefined = json;
    for (const step of this.#steps) {
      if (typeof step === 'number')
        found = found.startsWith('[') ? elementsOf(found)[step] : undefined;
      else found = found.startsWith('{') ? membersOf(found).get(step) : undefined;
      if (found === undefined) return undefined;
    }
    return found;
  }
}

/** What a scalar of JSON says as text: of a string its characters, of others what is written; else undefined. */
export function scalarText(json: string | undefined): string | undefined {
  if (json === undefined || json === 'null' || /^[{[]/.test(json)) return undefined;
  if (!json.startsWith('"')) return json;
  return json.includes('\\') ? (JSON.parse(json) as string) : json.slice(1, -1);
}

const STEP =
  /[.]([\p{L}\p{N}_-]+)|\[(?:([0-9]{1,9})|'((?:[^'\\]|\\['"\\])*)'|"((?:[^"\\]|\\['"\\])*)")\]/uy;

function stepsOf(path: string): (string | number)[] | undefined {
  if (!path.startsWith('$')) return undefined;
  const steps: (string | number)[] = [];
  STEP.lastIndex = 1;
  while (STEP.lastIndex < path.length) {
    const [, name, index, single, double] = STEP.exec(path) ?? [];
    const quoted = single ?? double;
    if (index !== undefined) steps.push(Number(index));
    else if (name !== undefined) steps.push(name);
    else if (quoted !== undefined) steps.push(quoted.replaceAll(/\\(.)/g, '$1'));
    else return undefined;
  }
  return steps;
}
