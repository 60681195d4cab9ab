/** Aborts when the process is told to stop (Ctrl-C, SIGTERM), until it is disposed of. */
export class Interruption extends AbortController implements Disposable {
  readonly #interrupt: () => void;

  /** @param reason - What the signal then says. */
  constructor(reason?: Error) {
    super();
    this.#interrupt = () => this.abort(reason);
    process.once('SIGINT', this.#interrupt).once('SIGTERM', this.#interrupt);
  }

  [Symbol.dispose](): void {
    process.off('SIGINT', this.#interrupt).off('SIGTERM', this.#interrupt);
  }
}
