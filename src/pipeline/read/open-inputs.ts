/** An input that can be closed before its end, and read on later. */
export interface RestingInput {
  /** Whether that costs next to nothing. */
  readonly splittable: boolean;
  rest(): Promise<void>;
}

/** Bounds how many inputs are open at a time: who was read longest ago is closed, if it can be at no cost. */
export class OpenInputs {
  readonly #limit: number;
  /** In the order in which they were last read. */
  readonly #open = new Set<RestingInput>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Makes room for an input that is to be read. */
  async admit(input: RestingInput): Promise<void> {
    this.#open.delete(input);
    this.#open.add(input);
    if (this.#open.size <= this.#limit) return;
    const [oldest] = this.#open;
    const cheap = this.#open.values().find((other) => other !== input && other.splittable);
    await (cheap ?? oldest!).rest();
  }

  /** Takes note that one was closed. */
  dismiss(input: RestingInput): void {
    this.#open.delete(input);
  }
}
