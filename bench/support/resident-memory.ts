import { readFileSync } from 'node:fs';

/** Resident memory of a process, all its threads included. */
export interface ResidentMemory {
  readonly nowMib: number;
  /** The most that ever was. */
  readonly peakMib: number;
}

/** What is resident of a process that runs. */
export function residentMemory(pid: number): ResidentMemory {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const mib = (key: string) =>
    Number(new RegExp(`^${key}:\\s+(\\d+) kB`, 'm').exec(status)![1]) / 1024;
  return { nowMib: mib('VmRSS'), peakMib: mib('VmHWM') };
}
