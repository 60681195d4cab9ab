import { fileURLToPath } from 'node:url';
import type { Command } from './measure.ts';

const BIN = fileURLToPath(new URL('../../bin/daybook.js', import.meta.url));

/** `daybook bill` of this checkout, on the Node.js that runs the benchmark. */
export function daybookBill(log: string, options: readonly string[] = []): Command {
  return { program: process.execPath, args: [BIN, 'bill', '-q', ...options, log] };
}
