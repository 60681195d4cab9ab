import type { Run, RunHistory } from '../../src/core/run-history.ts';
import { noRun } from '../../src/stores/refusals.ts';
import { changedColumns, RUN_COLUMNS, runOf } from '../../src/stores/run-columns.ts';

const NOTHING = Object.fromEntries(RUN_COLUMNS.map(({ name }) => [name, null]));

/**
 * A run history in memory.
 *
 * @param runs - What it holds, if it is to outlast who uses it; locks do not.
 */
export function memoryRuns(runs: Map<string, Run> = new Map()): RunHistory {
  const running = new Set<string>();
  return {
    async begin(run) {
      runs.set(run.id, plain(run));
    },
    async update(id, change) {
      const run = runs.get(id);
      if (run === undefined) throw noRun(id);
      runs.set(id, plain({ ...run, ...change }));
    },
    async find(id) {
      return runs.get(id);
    },
    async list({ report, state, scheduled, before, limit }) {
      return [...runs.values()]
        .filter((run) => report === undefined || run.report === report)
        .filter((run) => state === undefined || run.state === state)
        .filter((run) => before === undefined || run.id < before)
        .filter((run) => !scheduled || run.due !== undefined)
        .sort((a, b) => (a.id < b.id ? 1 : -1))
        .slice(0, limit);
    },
    async alone(report, work) {
      if (running.has(report)) return undefined;
      running.add(report);
      try {
        return await work();
      } finally {
        running.delete(report);
      }
    },
    async close() {},
  };
}

/** A run as a database gives it back. */
function plain(run: Run): Run {
  return runOf({
    ...NOTHING,
    ...Object.fromEntries(changedColumns(run).map(({ column, value }) => [column.name, value])),
  });
}
