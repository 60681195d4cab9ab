import type { Decoded } from './decoder-suite.ts';

export const LONGEST_LINE = 2 ** 20;

/** How the lines of a log are to be read, the plain and slow way. */
export interface ReferenceReading {
  /** Why a line of these fields is no record, if so. */
  whyNot(content: string, fields: string[]): string | undefined;
  /** What it says if it is one; called in the order of the log. */
  read(fields: string[]): Omit<Decoded['events'][number], 'line' | 'position'>;
}

/** What a log of lines with fields says: its records, its rejects with their places, its blank lines. */
export function referenceLines(bytes: Uint8Array, { whyNot, read }: ReferenceReading): Decoded {
  const events: Decoded['events'] = [];
  const rejects: Decoded['rejects'] = [];
  const lines = Buffer.from(bytes).toString('latin1').split('\n'); // a character a byte
  if (lines.at(-1) === '') lines.pop();
  let blank = 0;
  let offset = 0;
  for (const [i, line] of lines.entries()) {
    const place = { line: i + 1, offset };
    offset += line.length + 1;
    const content = line.replace(/\r$/, '');
    const fields = content.split(/[ \t]+/).filter((field) => field !== '');
    if (fields.length === 0 && content.length <= LONGEST_LINE) {
      blank++;
      continue;
    }
    const reason = whyNot(content, fields);
    if (reason !== undefined) rejects.push({ reason, ...place });
    else events.push({ ...read(fields), line: place.line, position: place.offset });
  }
  return { events, rejects, lines: lines.length, blank };
}
