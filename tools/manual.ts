import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/** A case of `test/golden/`: a command as a user types it, and what it must answer. */
export interface GoldenCase {
  readonly folder: string;
  readonly name: string;
  /** One line for the shell. */
  readonly command: string;
  /** Markdown that introduces it; the first case of a chapter has the chapter's title, too. */
  readonly about: string;
  /** Contents of the files it reads, by name. */
  readonly inputs: ReadonlyMap<string, Buffer>;
  readonly expected: Answer;
}

/** What a command writes, and its exit code. */
export interface Answer {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

const GOLDEN = join(import.meta.dirname, '../test/golden');
export const MANUAL = join(import.meta.dirname, '../docs/manual.md');
const NO_INPUT = /^(command|about[.]md|expected([.].+)?)$/;

/** All golden cases in the order of the manual, which is that of their names. */
export function goldenCases(): GoldenCase[] {
  const folders = readdirSync(GOLDEN, { withFileTypes: true }).filter((it) => it.isDirectory());
  return folders.map(({ name }) => readCase(join(GOLDEN, name))).sort(byName);
}

/** The manual: every golden case with its files, command and answer. */
export function manual(): string {
  const shown = new Map<string, Buffer>();
  const sections = goldenCases().map(
    (golden) => `${golden.about}\n${demonstration(golden, shown)}`,
  );
  return [HEAD, ...sections].join('\n');
}

const HEAD = `<!-- Made by \`npm run docs\` from test/golden, where each example is a test. -->

# Manual

Every example here is run as it stands whenever Daybook is tested. What each option means is also in the
[reference of the command line](reference/cli.md).
`;

function readCase(folder: string): GoldenCase {
  const read = (name: string) => {
    const path = join(folder, name);
    return statSync(path, { throwIfNoEntry: false }) ? readFileSync(path, 'utf8') : '';
  };
  const files = readdirSync(folder, { withFileTypes: true }).filter(
    (it) => it.isFile() && !NO_INPUT.test(it.name),
  );
  return {
    folder,
    name: basename(folder),
    command: read('command').trim(),
    // Chapters stand below the manual's own title.
    about: read('about.md').replaceAll(/^#/gm, '##'),
    inputs: new Map(files.map(({ name }) => [name, readFileSync(join(folder, name))])),
    expected: {
      stdout: read('expected'),
      stderr: read('expected.stderr'),
      exitCode: Number(read('expected.exit')),
    },
  };
}

/** Files that were shown before, with the same content, are not shown again. */
function demonstration(golden: GoldenCase, shown: Map<string, Buffer>): string {
  const blocks: string[] = [];
  for (const [name, content] of golden.inputs) {
    if (shown.get(name)?.equals(content)) continue;
    shown.set(name, content);
    blocks.push(`\`${name}\`${describe(content)}`);
  }
  const { stdout, stderr, exitCode } = golden.expected;
  blocks.push(fenced('console', `$ ${golden.command}\n${stdout}`));
  if (stderr !== '') blocks.push(`On standard error:\n\n${fenced('text', stderr)}`);
  if (exitCode !== 0) blocks.push(`The exit code is ${exitCode}.\n`);
  return blocks.join('\n');
}

function describe(content: Buffer): string {
  if (content.length === 0) return ' is empty.\n';
  if (content.includes(0)) return ` is compressed, ${content.length} bytes.\n`;
  return `:\n\n${fenced('text', content.toString())}`;
}

function fenced(language: string, text: string): string {
  const visible = text.replaceAll('\r\n', '\n').replace('\uFEFF', '');
  return `\`\`\`${language}\n${visible}${visible.endsWith('\n') ? '' : '\n'}\`\`\`\n`;
}

function byName(a: GoldenCase, b: GoldenCase): number {
  return a.name.localeCompare(b.name, 'en', { numeric: true });
}

if (import.meta.main) writeFileSync(MANUAL, manual());
