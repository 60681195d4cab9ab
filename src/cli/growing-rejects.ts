import type { Outlet } from '../core/destination.ts';
import { DaybookError } from '../core/errors.ts';
import type { Reject, RejectSink, UnlistedRejects } from '../core/rejects.ts';
import { rejectText } from './reject-file.ts';

/** Rejects that wait for room at most: memory must not grow for as long as a disk is full. */
const MOST_WAITING = 8192;
/** How long to wait until it is tried again, ms. */
const RETRY_MS = 1000;

/** How to add rejects to a file. */
export interface GrowingRejectsOptions {
  readonly spreadsheetSafe?: boolean | undefined;
  /** What an earlier run could not list. */
  readonly saved?: UnlistedRejects | undefined;
  readonly onNote: (message: string) => void;
  /** ms from any instant on. */
  readonly now?: () => number;
}

/**
 * Adds rejects to a file as they come: csv if it is called so, else a JSON object a line.
 *
 * What the file does not take, as on a full disk, waits until it does; beyond a limit it is counted only.
 */
export class GrowingRejects {
  readonly #outlet: Outlet;
  readonly #path: string;
  readonly #options: GrowingRejectsOptions;
  readonly #now: () => number;
  readonly #lostBefore: number;
  #waiting: Reject[];
  #lost: number;
  #failure: DaybookError | undefined;
  #toldLoss = false;
  #retryAt = Number.NEGATIVE_INFINITY;

  /** @param path - What the outlet is called. */
  constructor(outlet: Outlet, path: string, options: GrowingRejectsOptions) {
    const { waiting, lost } = options.saved ?? { waiting: [], lost: 0 };
    this.#outlet = outlet;
    this.#path = path;
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
    this.#lostBefore = lost;
    this.#waiting = [...waiting];
    this.#lost = lost;
  }

  /** How many do not stand in the file, of all runs. */
  get unlisted(): number {
    return this.#waiting.length + this.#lost;
  }

  /** Adds rejects; without any, tries those again that wait. */
  readonly add: RejectSink = async (rejects) => {
    for (const reject of rejects) this.#waiting.push(reject);
    if (this.#now() >= this.#retryAt) await this.#write();
    const surplus = this.#waiting.length - MOST_WAITING;
    if (surplus <= 0) return;
    this.#waiting.length = MOST_WAITING;
    this.#lost += surplus;
    if (!this.#toldLoss)
      this.#options.onNote(
        `${MOST_WAITING} rejects wait for room in ${this.#path}; what is rejected from now on is counted, but not listed`,
      );
    this.#toldLoss = true;
  };

  /** Makes the file outlast a loss of power, and tells how long it is, and what is to be kept besides. */
  async save(): Promise<{ rejectBytes: number; unlisted: UnlistedRejects }> {
    await this.#write();
    await this.#outlet.sync();
    const unlisted = { waiting: [...this.#waiting], lost: this.#lost };
    return { rejectBytes: this.#outlet.sizeBytes, unlisted };
  }

  async close(): Promise<void> {
    await this.#write();
    await this.#outlet.close();
  }

  /**
   * Fails if the file lacks any that were rejected since it was opened, or that waited then.
   *
   * @param isSaved - Whether those that wait are in a checkpoint.
   * @throws DaybookError `DESTINATION_UNWRITABLE`
   */
  check(isSaved: boolean): void {
    const waiting = this.#waiting.length;
    if (waiting === 0 && this.#lost === this.#lostBefore) return;
    const reason = this.#failure?.message ?? `there was no room in ${this.#path}`;
    const kept = isSaved && waiting > 0 ? `; the checkpoint keeps ${waiting} of them` : '';
    throw new DaybookError(
      'DESTINATION_UNWRITABLE',
      `${reason}; rejects that are not listed: ${this.unlisted}${kept}`,
      { cause: this.#failure },
    );
  }

  async #write(): Promise<void> {
    if (this.#waiting.length === 0) return;
    const { spreadsheetSafe = false, onNote } = this.#options;
    const looks = { spreadsheetSafe, color: false, header: this.#outlet.sizeBytes === 0 };
    try {
      await this.#outlet.write(await rejectText(this.#waiting, this.#path, looks));
    } catch (error) {
      if (!(error instanceof DaybookError)) throw error;
      if (!this.#failure) onNote(`${error.message}; rejects wait for room there, all else goes on`);
      this.#failure = error;
      this.#retryAt = this.#now() + RETRY_MS;
      return;
    }
    if (this.#failure) onNote(`rejects are listed in ${this.#path} again`);
    this.#waiting = [];
    this.#failure = undefined;
    this.#toldLoss = false;
    this.#retryAt = Number.NEGATIVE_INFINITY;
  }
}
