import { availableParallelism, cpus, loadavg, release, totalmem, type } from 'node:os';

/** The machine, in a line, and how busy it is with other things. */
export function describeMachine(): string {
  const memory = `${(totalmem() / 2 ** 30).toFixed(1)} GiB`;
  return [
    cpus()[0]?.model.trim() ?? 'unknown processor',
    `${availableParallelism()} cores`,
    `${memory} memory`,
    `${type()} ${release()}`,
    `Node.js ${process.version}`,
    `load ${loadavg()[0]!.toFixed(2)} before`,
  ].join(', ');
}
