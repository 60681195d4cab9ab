import { readFileSync } from 'node:fs';

/** Which Daybook this is. */
export function daybookVersion(): string {
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}
