import { withoutControls } from '../core/cell.ts';

/** Tells a person something, in one line on standard error. */
export function say(message: string): void {
  process.stderr.write(`daybook: ${withoutControls(message)}\n`);
}
