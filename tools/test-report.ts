import { relative } from 'node:path';
import type { EndedTest } from './test-reporter.ts';

const SLOWEST = 10;

/** What is told of a run of tests: what failed, what was skipped and why, what took longest, and how many there were. */
export class TestReport {
  readonly #tests: EndedTest[] = [];
  readonly #begun = performance.now();

  add(test: EndedTest): void {
    this.#tests.push(test);
  }

  /** One line. */
  get counts(): string {
    const failed = this.#failed.length;
    const skipped = this.#skipped.length;
    const passed = this.#tests.length - failed - skipped;
    const seconds = Math.round((performance.now() - this.#begun) / 1000);
    return `${passed} tests passed, ${failed} failed, ${skipped} skipped, in ${seconds} s`;
  }

  /** Whether there were tests, and none failed. */
  get isWell(): boolean {
    return this.#tests.length > 0 && this.#failed.length === 0;
  }

  toString(): string {
    const reasons = Map.groupBy(this.#skipped, ({ skipped }) => skipped);
    const slowest = this.#tests.toSorted((a, b) => b.ms - a.ms).slice(0, SLOWEST);
    return [
      ...this.#failed.map((test) => `${failureLine(test)}\n${indented(test.failure!)}\n`),
      ...reasons.entries().map(([why, { length }]) => `${length} skipped: ${why}`),
      ...slowest.map(({ name, ms }) => `${(ms / 1000).toFixed(1).padStart(6)} s  ${name}`),
      this.counts,
    ].join('\n');
  }

  get #failed(): EndedTest[] {
    return this.#tests.filter(({ failure }) => failure !== undefined);
  }

  get #skipped(): EndedTest[] {
    return this.#tests.filter(({ skipped }) => skipped !== undefined);
  }
}

/** Which test failed, and where it stands. */
export function failureLine({ name, place }: EndedTest): string {
  return `✖ ${name} (${relative('.', place)})`;
}

function indented(text: string): string {
  return text.replaceAll(/^(?=.)/gm, '  ');
}
