const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** Wakes who waits for it. A ring is not lost while nobody waits. */
export class Alarm {
  #isRung = false;
  #wake: (() => void) | undefined;

  ring(): void {
    this.#isRung = true;
    this.#wake?.();
  }

  /** @returns Whether it rang: else the time was over, or the signal came. */
  async rang(timeoutMs: number, signal: AbortSignal): Promise<boolean> {
    if (!this.#isRung && timeoutMs > 0 && !signal.aborted) await this.#wait(timeoutMs, signal);
    const isRung = this.#isRung;
    this.#isRung = false;
    return isRung;
  }

  async #wait(timeoutMs: number, signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const wake = () => resolve();
    const timer = setTimeout(wake, Math.min(timeoutMs, LONGEST_TIMER_MS));
    this.#wake = wake;
    signal.addEventListener('abort', wake);
    await promise;
    clearTimeout(timer);
    this.#wake = undefined;
    signal.removeEventListener('abort', wake);
  }
}
