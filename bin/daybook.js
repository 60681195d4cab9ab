#!/usr/bin/env node
import { existsSync } from 'node:fs';
import * as nodeModule from 'node:module'; // A namespace: a named import that an old Node.js lacks would fail before our message.

const NEEDED = 26;
if (Number.parseInt(process.versions.node, 10) < NEEDED) {
  console.error(
    `daybook needs Node.js ${NEEDED} or newer, this is ${process.version}. In a checkout: npx daybook`,
  );
  process.exit(2);
}
nodeModule.enableCompileCache();
// A checkout runs its sources, a published package has only dist/.
const sources = new URL('../src/cli/main.ts', import.meta.url);
const { main } = await import(existsSync(sources) ? sources.href : '../dist/cli/main.js');
process.exitCode = await main(process.argv.slice(2));
