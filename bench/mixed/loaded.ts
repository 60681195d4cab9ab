import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Figures } from './paced.ts';

/**
 * Makes a load from a process of its own, so that it takes none of the time of what is measured with it.
 *
 * @param script - A script of this folder, with what it is told.
 * @param onStretch - Is told each ten seconds of it.
 * @returns What the load as a whole came to.
 */
export async function loaded(
  [script, ...words]: readonly [string, ...(string | number)[]],
  onStretch: (figures: Figures) => void = () => {},
): Promise<Figures> {
  const args = [join(import.meta.dirname, script), ...words.map(String)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = once(child, 'exit');
  let whole: Figures | undefined;
  for await (const line of createInterface({ input: child.stdout })) {
    const figures: Figures = JSON.parse(line);
    if (figures.of === 'whole') whole = figures;
    else onStretch(figures);
  }
  const [code, signal] = await exited;
  if (code !== 0 || whole === undefined) throw new Error(`${script} ended with ${code ?? signal}`);
  return whole;
}
