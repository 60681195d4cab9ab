import type { TestEvent } from 'node:test/reporters';
import { inspect } from 'node:util';

/** A test that has ended. */
export interface EndedTest {
  /** With the names of what is around it. */
  readonly name: string;
  /** The file and line where it begins. */
  readonly place: string;
  readonly ms: number;
  /** Why it was skipped. */
  readonly skipped?: string;
  /** What is wrong. */
  readonly failure?: string;
}

/** Tells the process that has started this one of each test that has ended, and ends with it. Prints nothing. */
export default async function* toParent(source: AsyncIterable<TestEvent>): AsyncGenerator<never> {
  process.once('disconnect', () => process.exit(1));
  process.channel?.unref();
  for await (const test of endedTests(source)) process.send?.(test);
}

/** The tests of a run. Of those that hold others there are only those that went wrong by themselves. */
async function* endedTests(source: AsyncIterable<TestEvent>): AsyncGenerator<EndedTest> {
  const names: string[] = [];
  for await (const { type, data } of source) {
    if (type === 'test:start') names[data.nesting] = data.name;
    if (type !== 'test:pass' && type !== 'test:fail') continue;
    const { nesting, details, file = '', line = 0, skip } = data;
    const test = {
      name: [...names.slice(0, nesting), data.name].join(' > '),
      place: `${file}:${line}`,
      ms: details.duration_ms,
    };
    if (type === 'test:pass') {
      if (skip !== undefined) yield { ...test, skipped: String(skip) };
      else if (details.type !== 'suite') yield test;
      continue;
    }
    const { error } = data.details;
    if ('failureType' in error && error.failureType === 'subtestsFailed') continue;
    yield { ...test, failure: inspect(error.cause ?? error) };
  }
}
