import { dirname, join, resolve } from 'node:path';
import { parseEnv } from 'node:util';
import { DaybookError } from '../core/errors.ts';
import { readSmallFile } from './small-file.ts';

/** Settings that variables of their own stand above; their paths in the file. */
const SETTINGS: ReadonlyMap<string, readonly [section: string, key: string]> = new Map([
  ['DAYBOOK_STORE_PATH', ['store', 'path']],
  ['DAYBOOK_STORE_KEEP', ['store', 'keep']],
  ['DAYBOOK_SERVER_HOST', ['server', 'host']],
  ['DAYBOOK_SERVER_PORT', ['server', 'port']],
  ['DAYBOOK_LOG_LEVEL', ['log', 'level']],
  ['DAYBOOK_LOG_FILE', ['log', 'file']],
]);

/** A setting that the environment has. */
export interface Override {
  readonly variable: string;
  readonly section: string;
  readonly key: string;
  readonly value: string;
}

/** Text with its variables filled in. */
export interface Expansion {
  readonly text: string;
  readonly hasVariable: boolean;
  /** What stands in the way, in words. */
  readonly problems: readonly string[];
}

/** The variables that a configuration may name: those of the process, then those of `.env` beside it. */
export class Environment {
  readonly #folder: string;
  readonly #layers: readonly Readonly<Record<string, string | undefined>>[];

  /** @throws DaybookError `USAGE` - There is a `.env` that cannot be read. */
  constructor(configurationPath: string, env: NodeJS.ProcessEnv) {
    this.#folder = dirname(configurationPath);
    this.#layers = [env, parseEnv(readSmallFile(join(this.#folder, '.env')) ?? '')];
  }

  /** What stands above the file. */
  get overrides(): Override[] {
    return [...SETTINGS].flatMap(([variable, [section, key]]) => {
      const value = this.#valueOf(variable);
      return value === undefined ? [] : [{ variable, section, key, value }];
    });
  }

  /** Fills in `${NAME}` and `${NAME:-default}`, the default also where `NAME` is empty; `$${` is a plain `${`. */
  expand(text: string): Expansion {
    const problems: string[] = [];
    let hasVariable = false;
    const filled = text.replaceAll(VARIABLE, (word, name?: string, standard?: string) => {
      if (word === '$${') return '${';
      hasVariable = true;
      if (name === undefined) {
        problems.push(
          `"\${" begins no variable; write \${NAME}, \${NAME:-default}, or $\${ for itself`,
        );
        return word;
      }
      try {
        const value = this.#valueOf(name);
        if (value !== undefined && (value !== '' || standard === undefined)) return value;
        if (standard !== undefined) return standard;
        problems.push(`there is no variable ${name}; set it, or write \${${name}:-default}`);
      } catch (error) {
        if (!(error instanceof DaybookError)) throw error;
        problems.push(error.message);
      }
      return word;
    });
    return { text: filled, hasVariable, problems };
  }

  /** A variable, or what the file says that `NAME_FILE` names, as is usual for secrets in containers. */
  #valueOf(name: string): string | undefined {
    for (const layer of this.#layers) {
      if (Object.hasOwn(layer, name)) return layer[name];
      const file = Object.hasOwn(layer, `${name}_FILE`) ? layer[`${name}_FILE`] : undefined;
      if (file === undefined) continue;
      const text = readSmallFile(resolve(this.#folder, file));
      if (text === undefined)
        throw new DaybookError('USAGE', `${name}_FILE names ${file}, which is no file`);
      return text.replace(/\r?\n$/, '');
    }
    return undefined;
  }
}

const VARIABLE = /\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}|\$\{/g;
