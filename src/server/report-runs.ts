import type { Archive, ReadReport } from '../core/archive.ts';
import { failureFields, type Log } from '../core/log.ts';
import type { Run, RunHistory } from '../core/run-history.ts';
import type { OpenedReports } from '../open/open-reports.ts';
import { makeReport, type ReportToMake } from '../pipeline/runs/make-report.ts';
import { RequestError } from './problem.ts';

/** How a run is wanted. */
export interface RunWords {
  /** Such as `2026-03-01`; today in the report's zone unless given. */
  readonly asOf?: string | undefined;
  readonly overwrite?: boolean | undefined;
}

/** What runs of reports take. */
export interface ReportParts extends Pick<OpenedReports, 'reports' | 'history'> {
  readonly log: Log;
  /** Makes a report ready, and opens where it goes to. */
  open(
    report: string,
    words: RunWords,
  ): Promise<ReportToMake & { readonly archive: Archive | undefined }>;
}

/** A run's file that is being read, from an archive that is to be closed behind it. */
export interface RunFile extends ReadReport {
  readonly key: string;
  readonly archive: Archive;
}

/** Makes reports that are asked for, beside all else, and finds the files of those that were made. */
export class ReportRuns {
  readonly reports: ReportParts['reports'];
  readonly history: RunHistory;
  readonly #parts: ReportParts;
  readonly #running = new Set<Promise<void>>();
  readonly #stopping = new AbortController();

  constructor(parts: ReportParts) {
    this.#parts = parts;
    this.reports = parts.reports;
    this.history = parts.history;
  }

  /**
   * Begins a run, and returns it when it is entered.
   *
   * @throws RequestError 404, 409 where somebody makes this report, or 422
   * @throws DaybookError `USAGE` or `STORE_UNUSABLE`
   */
  async start(report: string, words: RunWords): Promise<Run> {
    if (!this.reports.has(report)) throw new RequestError(404, `there is no report ${report}`);
    const asked = await this.#parts.open(report, words);
    const { archive } = asked;
    if (!archive) throw new RequestError(422, `the report ${report} has no destination to go to`);
    const begun = Promise.withResolvers<Run | undefined>();
    const making = this.#make(asked, archive, begun);
    this.#running.add(making);
    void making.then(() => this.#running.delete(making));
    const run = await begun.promise;
    if (run) return run;
    throw new RequestError(409, `the report ${report} is being made; see what became of it`);
  }

  /** Makes a report. What fails behind its begin is in the history. */
  async #make(
    asked: ReportToMake,
    archive: Archive,
    begun: PromiseWithResolvers<Run | undefined>,
  ): Promise<void> {
    const { history, log } = this.#parts;
    const { signal } = this.#stopping;
    try {
      const options = { signal, log, onBegin: begun.resolve };
      await makeReport(asked, { history, archive }, options);
      begun.resolve(undefined); // Without a run nobody was told of one.
    } catch (error) {
      begun.reject(error);
      log.error('failed', { report: asked.report, ...failureFields(error) });
    } finally {
      await archive.close().catch(() => {});
    }
  }

  /**
   * Opens the file of a run, if it is what the run has written.
   *
   * @throws RequestError 404 where a run has written none, or 410 where it is there no more
   * @throws DaybookError `DESTINATION_UNWRITABLE` or `INTERRUPTED`
   */
  async file(run: Run, signal: AbortSignal): Promise<RunFile> {
    const { id, report, state, key, digest, destination } = run;
    if (key === undefined || digest === undefined || (state !== 'done' && state !== 'unchanged'))
      throw new RequestError(404, `run ${id} is ${state}: it has no file`);
    if (!this.reports.has(report))
      throw new RequestError(410, `the report ${report} is not configured any more`);
    const { archive } = await this.#parts.open(report, { asOf: run.asOf });
    try {
      if (!archive || archive.locationOf(key) !== destination)
        throw new RequestError(410, `the report ${report} goes elsewhere now`);
      const found = await archive.read(key, signal);
      if (!found) throw new RequestError(410, `the file of run ${id} is there no more`);
      if (found.digest === digest) return { ...found, key, archive };
      found.bytes.destroy();
      throw new RequestError(410, `other content has taken the place of the file of run ${id}`);
    } catch (error) {
      await archive?.close().catch(() => {});
      throw error;
    }
  }

  /** Ends what is under way, once it is entered how. */
  async close(): Promise<void> {
    this.#stopping.abort();
    await Promise.all(this.#running);
  }
}
