import { closeSync, existsSync, mkdirSync, openSync, readSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { connectionLines } from './connection-log.ts';
import { eventLines } from './event-log.ts';
import { writeLines } from './line-file.ts';
import type { LogShape } from './log-shape.ts';
import { sessionLines } from './session-log.ts';

const KINDS = { sessions: sessionLines, connections: connectionLines, events: eventLines } as const;

/** What a log tells of. */
export type LogKind = keyof typeof KINDS;

export function isLogKind(text: string): text is LogKind {
  return Object.hasOwn(KINDS, text);
}

/** Writes a log to a file. */
export function writeLog(path: string, kind: LogKind, shape: LogShape): void {
  writeLines(path, KINDS[kind](shape));
}

/** The path of a generated log, which is written if it is not there yet. */
export function logFile(folder: string, kind: LogKind, shape: LogShape): string {
  const { lines, disorderSeconds, days } = shape;
  const order = disorderSeconds === 0 ? 'sorted' : `disorder-${disorderSeconds}`;
  const path = join(folder, `${kind}-${lines}-${order}${days ? `-${days}-days` : ''}.log`);
  if (existsSync(path)) return path;
  mkdirSync(folder, { recursive: true });
  process.stderr.write(`writing ${path}\n`);
  const draft = `${path}.part`;
  writeLog(draft, kind, shape);
  renameSync(draft, path); // A log that is there is whole.
  return path;
}

/** Reads a file once, so that all who read it later find it in the page cache. */
export function warm(path: string): void {
  const buffer = new Uint8Array(1 << 20);
  const file = openSync(path, 'r');
  while (readSync(file, buffer) > 0);
  closeSync(file);
}
