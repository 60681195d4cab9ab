import { membersOf } from '../core/json-members.ts';

/** A member of JSON objects, by its name or by the way to it, such as `data.user.id`. */
export class JsonField {
  readonly #name: string;
  readonly #way: readonly string[];
  readonly #last: string;

  /** @param column - A member of exactly that name comes first, then the way. */
  constructor(column: string) {
    const path = column.split('.');
    this.#name = column;
    this.#last = path.pop()!;
    this.#way = path;
  }

  /** The JSON of what it holds, as it is written; undefined where there is none. */
  sourceIn(members: ReadonlyMap<string, string>): string | undefined {
    const source = members.get(this.#name);
    if (source !== undefined || this.#way.length === 0) return source;
    let inner = members;
    for (const name of this.#way) {
      const object = inner.get(name);
      if (!object?.startsWith('{')) return undefined;
      inner = membersOf(object);
    }
    return inner.get(this.#last);
  }
}

/**
 * The text that a piece of JSON stands for: that of a string, or a number as it is written. Undefined for what is
 * no text, null for what is nothing.
 */
export function textOf(source: string | undefined): string | null | undefined {
  if (source === undefined || source === 'null') return null;
  if (source.startsWith('"'))
    return source.includes('\\') ? JSON.parse(source) : source.slice(1, -1);
  return isNumber(source) ? source : undefined;
}

/** Whether a piece of JSON is a number. */
export function isNumber(source: string): boolean {
  return /^[-0-9]/.test(source);
}
