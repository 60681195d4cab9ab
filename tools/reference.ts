import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type JSDoc, Node, Project } from 'ts-morph';
import { jsonSchema } from '../src/config/configuration-schema.ts';

const ROOT = join(import.meta.dirname, '..');
export const API = join(ROOT, 'docs/reference/api.md');
export const CLI = join(ROOT, 'docs/reference/cli.md');
export const SCHEMA = join(ROOT, 'docs/daybook.schema.json');

const API_HEAD = `<!-- Made by \`npm run docs\` from the docstrings of what src/index.ts exports. -->

# Library

\`\`\`ts
import { openBill, runReport } from 'daybook';
\`\`\`

Needs Node.js 26 or newer, where \`Temporal\` is part of the language.`;
const CLI_HEAD = `<!-- Made by \`npm run docs\` from the program's own help. -->

# Command line

The [manual](../manual.md) shows each option at work.`;

interface Export {
  readonly name: string;
  readonly declaration: Node;
  readonly docs: readonly JSDoc[];
}

/**
 * The reference of the library: each export with its signature and docstring.
 *
 * It reads sources as they are written and asks no type checker, which would take many times as long.
 *
 * @throws Error - An export has no docstring; all that have none are named.
 */
export function apiReference(): string {
  const exported = exportsOf(join(ROOT, 'src/index.ts')).sort(byName);
  const mute = exported.filter(({ docs }) => !docs.some((doc) => doc.getDescription().trim()));
  if (mute.length > 0) {
    throw new Error(`exports without a docstring: ${mute.map(({ name }) => name).join(', ')}`);
  }
  // Texts first: a declaration loses its body for its signature, which moves what stands behind it.
  const texts = exported.map(({ docs }) => docs.map(textOf));
  const sections = exported.map(({ name, declaration }, i) =>
    [`## ${name}`, fenced('ts', signatureOf(declaration)), ...texts[i]!].join('\n\n'),
  );
  return `${[API_HEAD, ...sections].join('\n\n')}\n`;
}

/** The reference of the command line: the help of the program and of each command. */
export function cliReference(): string {
  const program = helpOf();
  const [, list = ''] = program.split(/^Commands:$/m);
  const commands = [...list.matchAll(/^ {2}([a-z]+)/gm)].map(([, command]) => command!);
  const sections = commands
    .filter((command) => command !== 'help')
    .map((command) => `## daybook ${command}\n\n${fenced('text', helpOf(command))}`);
  return `${[CLI_HEAD, fenced('text', program), ...sections].join('\n\n')}\n`;
}

function helpOf(...words: string[]): string {
  const program = join(ROOT, 'bin/daybook.js');
  const { FORCE_COLOR: _, ...env } = process.env;
  return execFileSync(process.execPath, [program, ...words, '--help'], { encoding: 'utf8', env });
}

/** What a module that does nothing but re-export lets others see. */
function exportsOf(index: string): Export[] {
  const project = new Project({ skipFileDependencyResolution: true, skipLoadingLibFiles: true });
  const clauses = project.addSourceFileAtPath(index).getExportDeclarations();
  return clauses.flatMap((clause) => {
    const path = join(dirname(index), clause.getModuleSpecifierValue() ?? '');
    const module = project.addSourceFileAtPath(path);
    return clause.getNamedExports().map((specifier) => {
      const name = specifier.getName();
      const declaration = module.getStatements().find((it) => declares(it, name));
      if (!Node.isJSDocable(declaration)) throw new Error(`${path} declares no ${name}`);
      return { name, declaration, docs: declaration.getJsDocs() };
    });
  });
}

function declares(statement: Node, name: string): boolean {
  if (Node.isVariableStatement(statement)) {
    return statement.getDeclarations().some((declaration) => declaration.getName() === name);
  }
  return Node.hasName(statement) && statement.getName() === name;
}

/** A declaration as who uses it needs to see it: without bodies and what is private. */
function signatureOf(declaration: Node): string {
  if (Node.isFunctionDeclaration(declaration)) declaration.removeBody();
  if (Node.isClassDeclaration(declaration)) {
    for (const member of declaration.getMembers()) {
      if (Node.hasName(member) && member.getName().startsWith('#')) member.remove();
      else if (Node.isBodyable(member)) member.removeBody();
    }
  }
  return declaration.getText().replace(/^export /, '');
}

/** A docstring as Markdown: its text, then what each tag says. */
function textOf(doc: JSDoc): string {
  const parts = [doc.getDescription().trim()];
  const tags = doc.getTags().map((tag) => ({ tag, text: (tag.getCommentText() ?? '').trim() }));
  const items = tags.flatMap(({ tag, text }) => {
    const plain = text.replace(/^- /, '').replaceAll(/\s*\n\s*/g, ' ');
    if (Node.isJSDocParameterTag(tag)) return `- \`${tag.getName()}\`: ${plain}`;
    if (tag.getTagName() === 'returns') return `- returns: ${plain}`;
    if (tag.getTagName() === 'throws') return `- throws: ${plain}`;
    return [];
  });
  if (items.length > 0) parts.push(items.join('\n'));
  for (const { tag, text } of tags) {
    if (tag.getTagName() === 'example') parts.push(fenced('ts', text));
  }
  return parts.join('\n\n');
}

function fenced(language: string, text: string): string {
  return `\`\`\`${language}\n${text.trimEnd()}\n\`\`\``;
}

function byName(a: Export, b: Export): number {
  return a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1;
}

if (import.meta.main) {
  writeFileSync(API, apiReference());
  writeFileSync(CLI, cliReference());
  writeFileSync(SCHEMA, jsonSchema());
}
