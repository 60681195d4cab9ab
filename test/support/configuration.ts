import assert from 'node:assert/strict';
import { dirname } from 'node:path';
import { type Configuration, readConfiguration } from '../../src/config/configuration.ts';
import { DaybookError, FAILURES } from '../../src/core/errors.ts';
import { filesOf } from './bill.ts';

/** Reads a text as the configuration of a folder, in which there are these files besides. */
export async function configured(
  text: string | Uint8Array,
  env: NodeJS.ProcessEnv = {},
  others: Readonly<Record<string, string>> = {},
): Promise<{ configuration: Configuration; folder: string }> {
  using files = filesOf({ 'daybook.yaml': text, ...others });
  const [path] = files.paths;
  return { configuration: await readConfiguration(path!, env), folder: dirname(path!) };
}

/** What is wrong with a text as a configuration, a line each, with places as `line:column: `. */
export async function wrongWith(...words: Parameters<typeof configured>): Promise<string[]> {
  try {
    await configured(...words);
    return [];
  } catch (error) {
    assert.ok(error instanceof DaybookError, String(error));
    assert.equal(FAILURES[error.code].exitCode, 2);
    assert.equal(error.message, error.lines.join('\n'));
    return error.lines.map((line) => line.replace(/^.*daybook[.]yaml(: |:)?/, ''));
  }
}
