/** Requests without a key that is of use, in a window, before an address is told to wait. */
const MOST_FAILURES = 100;
const WINDOW_MS = 60_000;
/** Addresses that are remembered; of more the oldest are forgotten. */
const MOST_ADDRESSES = 10_000;

interface Failures {
  count: number;
  readonly until: number;
}

/** Counts for each address how often it came without a key that is of use. */
export class FailedKeys {
  readonly #byAddress = new Map<string, Failures>();

  /**
   * Takes note of a failure.
   *
   * @param now - Ms since the epoch.
   * @returns How long the address is to wait, ms: 0 while it has not failed too often.
   */
  note(address: string, now: number): number {
    const known = this.#byAddress.get(address);
    const failures = known && now < known.until ? known : { count: 0, until: now + WINDOW_MS };
    if (failures !== known) this.#remember(address, failures);
    failures.count++;
    return failures.count > MOST_FAILURES ? failures.until - now : 0;
  }

  #remember(address: string, failures: Failures): void {
    this.#byAddress.delete(address); // Set anew it is the youngest.
    this.#byAddress.set(address, failures);
    if (this.#byAddress.size <= MOST_ADDRESSES) return;
    const [oldest] = this.#byAddress.keys();
    this.#byAddress.delete(oldest!);
  }
}
