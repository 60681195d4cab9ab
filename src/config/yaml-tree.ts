import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Pair,
  parseDocument,
  type YAMLError,
} from 'yaml';
import { quote } from '../core/time.ts';
import type { Expansion } from './environment.ts';
import { about, type Problem, type TreePath } from './problems.ts';

const MAX_DEPTH = 32;
const MAX_NODES = 100_000;
/** As many as the YAML library allows: a few bytes of aliases of aliases stand for gigabytes. */
const MAX_ALIASES = 100;

/**
 * A text in YAML as plain values with its variables filled in, and where each stands.
 *
 * A key with nothing behind it is as good as left out.
 */
export class YamlTree {
  /** Objects, arrays, text, numbers and truths; undefined for nothing. */
  readonly value: unknown;
  readonly problems: Problem[] = [];
  readonly #document: Document;
  readonly #lines = new LineCounter();
  readonly #expand: (text: string) => Expansion;
  /** Offsets of keys and of what they hold, by path. */
  readonly #keys = new Map<string, number>();
  readonly #values = new Map<string, number>();
  readonly #variables = new Set<string>();
  readonly #unusable = new Set<string>();
  #nodes = 0;
  #aliases = 0;

  constructor(text: string, expand: (text: string) => Expansion) {
    this.#expand = expand;
    // Keys that stand twice are found here, since the library compares each with each.
    const options = { prettyErrors: false, uniqueKeys: false, lineCounter: this.#lines };
    this.#document = parseDocument(text, options);
    this.#refuseSyntax(text, [...this.#document.errors, ...this.#document.warnings]);
    if (this.problems.length > 0) return;
    const value = this.#valueOf(this.#document.contents, []);
    if (this.#nodes <= MAX_NODES) this.value = value;
  }

  /** Where a value begins, or its key where there is one; else where begins what would hold it. */
  placeOf(path: TreePath, of: 'key' | 'value'): { line: number; col: number } {
    const key = keyOf(path);
    const offset = of === 'key' ? this.#keys.get(key) : this.#values.get(key);
    const found = offset ?? this.#keys.get(key) ?? this.#values.get(key);
    if (found !== undefined) return this.#lines.linePos(found);
    return path.length === 0 ? { line: 1, col: 1 } : this.placeOf(path.slice(0, -1), 'key');
  }

  /** Whether a variable is part of a value. */
  hasVariable(path: TreePath): boolean {
    return this.#variables.has(keyOf(path));
  }

  /** Whether a problem was told of a value already. */
  isUnusable(path: TreePath): boolean {
    return this.#unusable.has(keyOf(path));
  }

  #valueOf(node: unknown, path: TreePath): unknown {
    const offset = offsetOf(node);
    this.#values.set(keyOf(path), offset);
    if (++this.#nodes > MAX_NODES)
      return this.#nodes === MAX_NODES + 1 ? this.#refuse(path, 'this is too much') : undefined;
    if (path.length > MAX_DEPTH) return this.#refuse(path, 'this is nested too deeply');
    if (isAlias(node)) {
      if (++this.#aliases > MAX_ALIASES) return this.#refuse(path, 'there are too many aliases');
      const target = node.resolve(this.#document);
      if (!target) return this.#refuse(path, `there is no anchor &${node.source} above`);
      return this.#valueOf(target, path);
    }
    if (isMap(node)) return this.#mappingOf(node.items, path);
    if (isSeq(node)) return node.items.map((item, i) => this.#valueOf(item, [...path, i]));
    if (!isScalar(node)) return undefined;
    if (typeof node.value === 'string') return this.#textOf(node.value, path);
    return node.value ?? (typeof path.at(-1) === 'number' ? null : undefined);
  }

  #mappingOf(pairs: readonly Pair[], path: TreePath): Record<string, unknown> {
    const mapping: Record<string, unknown> = {};
    const seen = new Set<string>();
    for (const { key, value } of pairs) {
      const word = isScalar(key) && key.value !== null ? String(key.value) : undefined;
      const at = [...path, word ?? '?'];
      this.#keys.set(keyOf(at), offsetOf(key));
      if (word === undefined) this.#refuse(at, 'expected a word as key', path);
      else if (seen.has(word)) this.#refuse(at, `the key ${quote(word)} stands here twice`, path);
      else if (word === '__proto__') this.#refuse(at, `unknown key ${quote(word)}`, path);
      else {
        seen.add(word);
        const inner = this.#valueOf(value, at);
        if (inner !== undefined) mapping[word] = inner;
      }
    }
    return mapping;
  }

  #textOf(text: string, path: TreePath): string {
    const expansion = this.#expand(text);
    if (expansion.hasVariable) this.#variables.add(keyOf(path));
    for (const message of expansion.problems) {
      this.#unusable.add(keyOf(path));
      this.problems.push({ place: this.placeOf(path, 'value'), message: about(path, message) });
    }
    return expansion.text;
  }

  #refuse(path: TreePath, message: string, of: TreePath = path): undefined {
    this.#unusable.add(keyOf(path));
    this.problems.push({ place: this.placeOf(path, 'key'), message: about(of, message) });
  }

  /** One mistake makes the library tell of several on its line: the first is it. */
  #refuseSyntax(text: string, errors: readonly YAMLError[]): void {
    const told = new Set<number>();
    for (const { code, message, pos } of errors) {
      const place = this.#lines.linePos(pos[0]);
      if (told.has(place.line)) continue;
      told.add(place.line);
      const isVariable = text.slice(pos[0] - 1, pos[0] + 1) === '${';
      if (code === 'MULTIPLE_DOCS') this.problems.push({ place, message: 'a second document' });
      else if (isVariable) this.problems.push({ place, message: `write "\${…}" in quotes here` });
      else this.problems.push({ place, message: message.replaceAll(/\s+/g, ' ') });
    }
  }
}

function offsetOf(node: unknown): number {
  return (isScalar(node) || isMap(node) || isSeq(node) || isAlias(node)) && node.range
    ? node.range[0]
    : 0;
}

function keyOf(path: TreePath): string {
  return JSON.stringify(path);
}
