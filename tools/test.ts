/** Runs tests: those that are named as `node --test` does, or else all, in two processes side by side. */
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { failureLine, TestReport } from './test-report.ts';
import type { EndedTest } from './test-reporter.ts';

const ALL = 'test/**/*.test.ts';
const SHARDS = 2;
const TELL_MS = 60_000;
/** Node.js collects garbage each 64 MiB of buffers else, however large the heap is; tests made that a half of their time. */
const FLAGS = ['--external-memory-accounted-in-global-limit'];
const TEST = [...FLAGS, '--test', '--test-isolation=none'];

const words = process.argv.slice(2);
const named = words.some((word) => !word.startsWith('-'));
process.exitCode = words.length > 0 ? await runNamed() : await runAll();

async function runNamed(): Promise<number> {
  const files = named ? [] : [ALL];
  const child = spawn(process.execPath, [...TEST, ...words, ...files], { stdio: 'inherit' });
  return (await ended(child)) === 0 ? 0 : 1;
}

async function runAll(): Promise<number> {
  const report = new TestReport();
  const timer = setInterval(() => console.log(report.counts), TELL_MS);
  const shards = Array.from({ length: SHARDS }, (_, i) => runShard(`${i + 1}/${SHARDS}`, report));
  const ends = await Promise.all(shards);
  clearInterval(timer);
  console.log(`\n${report}`);
  for (const { shard, end, seconds } of ends)
    console.log(`shard ${shard}: ${seconds} s${end === 0 ? '' : `, ended with ${end}`}`);
  return report.isWell && ends.every(({ end }) => end === 0) ? 0 : 1;
}

/** Runs a part of the tests, and tells of failures as they come. */
async function runShard(shard: string, report: TestReport) {
  const begun = performance.now();
  const reporter = fileURLToPath(import.meta.resolve('./test-reporter.ts'));
  const options = [`--test-shard=${shard}`, `--test-reporter=${reporter}`];
  const stdio = ['ignore', 'inherit', 'inherit', 'ipc'] as const;
  const child = spawn(process.execPath, [...TEST, ...options, ALL], { stdio: [...stdio] });
  child.on('message', (test: EndedTest) => {
    report.add(test);
    if (test.failure !== undefined) console.log(failureLine(test));
  });
  const end = await ended(child);
  return { shard, end, seconds: Math.round((performance.now() - begun) / 1000) };
}

/** The exit code of a process or the signal that ended it. Signals to this process are passed on to it. */
async function ended(child: ChildProcess): Promise<number | NodeJS.Signals | null> {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  const { promise, resolve, reject } = Promise.withResolvers<number | NodeJS.Signals | null>();
  child.on('error', reject).on('close', (code, signal) => resolve(code ?? signal));
  return promise;
}
