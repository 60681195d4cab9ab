import { throwIfInterrupted } from '../../core/errors.ts';
import { filledKey } from '../../core/key-template.ts';
import { type Log, SILENT } from '../../core/log.ts';
import type { OpenedReport } from '../../core/opened-report.ts';
import { isOver, type Run, type RunChange } from '../../core/run-history.ts';
import { runId } from '../../core/run-id.ts';
import { daybookVersion } from '../../core/version.ts';
import { type ReportFormat, renderReport } from './render-report.ts';
import { foundEnd, type RunPlaces, settleRuns } from './settle-runs.ts';

/** How long a run that failed is looked for in the archive. */
const LOOK_MS = 10_000;

/** By then the databases have been asked, and are at work: meanwhile the archive's driver may be loaded. */
const ASKED_MS = 100;

/** How many runs on schedule are looked at; no report is tried so often for one instant. */
export const SCHEDULED_LOOKED_AT = 200;

/** A report to make. */
export interface ReportToMake extends ReportFormat {
  readonly report: string;
  /** The date it is asked for, `YYYY-MM-DD`. */
  readonly asOf: string;
  /** When it was due, where a schedule asks for it; ms since the epoch. */
  readonly due?: number | undefined;
  /** Where it goes to, with placeholders. */
  readonly keyTemplate: string;
  /** Whether it may take the place of other content. */
  readonly overwrite: boolean;
  /** What was asked for besides what the opened report says. */
  readonly parameters: Run['parameters'];
  /** Asks the databases. */
  open(request: { readonly asOf: string; readonly signal?: AbortSignal }): Promise<OpenedReport>;
}

/** How to make it. */
export interface MakeOptions {
  readonly signal?: AbortSignal | undefined;
  /** The clock, ms since the epoch. */
  readonly now?: () => number;
  /** Notes when the run begins, and what it wrote; a failure is for who is told of it. */
  readonly log?: Log | undefined;
  /** Is told of the run when it is entered. */
  readonly onBegin?: (run: Run) => void;
}

/**
 * Makes a report, puts it into its archive, and enters the run in the history.
 *
 * Before it is put, its digest is entered: so whenever the process ends, the next run of the report finds out what is
 * in the archive, and sets the history right (`settleRuns`). The same content again is a run that left all unchanged.
 *
 * @returns The run as it ended; undefined where another process runs this report, or has made it for the instant it is due.
 * @throws DaybookError What failed, which is entered too.
 */
export async function makeReport(
  asked: ReportToMake,
  places: RunPlaces,
  options: MakeOptions = {},
): Promise<Run | undefined> {
  return places.history.alone(asked.report, async () =>
    (await wasMade(asked, places)) ? undefined : new MakingOf(asked, places, options).run(),
  );
}

/** Whether another process was faster: who looked before it had the lock cannot know. */
async function wasMade({ report, due }: ReportToMake, { history }: RunPlaces): Promise<boolean> {
  if (due === undefined) return false;
  const runs = await history.list({ report, scheduled: true, limit: SCHEDULED_LOOKED_AT });
  return runs.some((run) => run.due === due && isOver(run));
}

class MakingOf {
  readonly #asked: ReportToMake;
  readonly #places: RunPlaces;
  readonly #signal: AbortSignal | undefined;
  readonly #now: () => number;
  readonly #log: Log;
  readonly #onBegin: (run: Run) => void;
  #run: Run;

  constructor(asked: ReportToMake, places: RunPlaces, options: MakeOptions) {
    const { signal, now = Date.now, log = SILENT, onBegin = () => {} } = options;
    const { report, asOf, due, parameters } = asked;
    const id = runId();
    const key = filledKey(asked.keyTemplate, { report, asOf, run: id });
    this.#asked = asked;
    this.#places = places;
    this.#signal = signal;
    this.#now = now;
    this.#log = log;
    this.#onBegin = onBegin;
    this.#run = {
      ...{ id, report, asOf, due, parameters, key, started: now(), state: 'running' },
      destination: places.archive.locationOf(key),
      version: daybookVersion(),
      ...{ inputs: [], notes: [] },
    };
  }

  async run(): Promise<Run> {
    const { id: run, report, asOf, due } = this.#run;
    await this.#places.history.begin(this.#run);
    this.#log.info('making', { run, report, asOf, ...(due && { due: new Date(due) }) });
    this.#onBegin(this.#run);
    try {
      await this.#make();
    } catch (error) {
      await this.#fail(error);
    }
    const { state, rows, sizeBytes, digest, destination } = this.#run;
    const event = state === 'unchanged' ? state : 'wrote';
    this.#log.info(event, { run, report, asOf, destination, rows, sizeBytes, digest });
    return this.#run;
  }

  async #make(): Promise<void> {
    const { open, asOf, report } = this.#asked;
    const signal = this.#signal;
    await settleRuns(report, this.#run.id, this.#places, { now: this.#now, signal });
    throwIfInterrupted(signal);
    const opened = await open({ asOf, ...(signal && { signal }) });
    const { archive } = this.#places;
    const preparing = setTimeout(() => archive.prepare?.(), ASKED_MS);
    try {
      await this.#enter({ parameters: { ...opened.parameters, ...this.#asked.parameters } });
      const state = await this.#put(opened);
      await this.#enter({ state, finished: this.#now(), draft: await this.#leftDraft() });
    } finally {
      clearTimeout(preparing);
      await opened.close().catch(() => {}); // What was read is read.
    }
  }

  async #put(opened: OpenedReport): Promise<'done' | 'unchanged'> {
    const { id, key } = this.#run;
    const { overwrite } = this.#asked;
    const { table } = opened;
    const signal = this.#signal;
    await using rendered = await renderReport(table, this.#asked, { run: id, signal });
    const { rows, sizeBytes, digest } = rendered;
    await this.#enter({ rows, sizeBytes, digest, inputs: opened.inputs(), notes: table.notes });
    const onDraft = (draft: string) => this.#enter({ draft });
    const { archive } = this.#places;
    const outcome = await archive.put(rendered, key!, { run: id, overwrite, onDraft, signal });
    return outcome === 'written' ? 'done' : 'unchanged';
  }

  /** Clears away what putting has left; what could not be is for the next run. */
  async #leftDraft(): Promise<string | undefined> {
    const { draft } = this.#run;
    if (draft === undefined) return undefined;
    return this.#places.archive.clear(draft, this.#signal).then(
      () => undefined,
      () => draft,
    );
  }

  /** Enters why the run failed, unless its report has arrived all the same. */
  async #fail(error: unknown): Promise<void> {
    const finished = this.#now();
    let end: RunChange | undefined;
    try {
      end = await foundEnd(this.#run, this.#places, AbortSignal.timeout(LOOK_MS));
    } catch {} // The next run looks again.
    const message = error instanceof Error ? error.message : String(error);
    const failure: RunChange = { state: 'failed', error: message };
    try {
      await this.#enter({ finished, ...(end ?? failure) });
      if (this.#signal?.aborted && !end)
        this.#log.warn('interrupted', { run: this.#run.id, report: this.#run.report });
    } catch {
      throw error; // The history cannot be written: the next run finds this one as it is.
    }
    if (!end) throw error;
  }

  async #enter(change: RunChange): Promise<void> {
    await this.#places.history.update(this.#run.id, change);
    this.#run = { ...this.#run, ...change };
  }
}
