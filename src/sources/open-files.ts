/** What holds a file open and can go on without. */
export interface OpenFile {
  /** Closes the file, if it can be opened again. */
  rest(): boolean;
}

/** Bounds how many files are open at a time: who was used longest ago is closed. */
export class OpenFiles {
  readonly #limit: number;
  /** In the order of their last use. */
  readonly #open = new Set<OpenFile>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  used(file: OpenFile): void {
    this.#open.delete(file);
    this.#open.add(file);
    if (this.#open.size <= this.#limit) return;
    for (const other of this.#open) {
      if (other === file || !other.rest()) continue;
      this.#open.delete(other);
      if (this.#open.size <= this.#limit) return;
    }
  }

  closed(file: OpenFile): void {
    this.#open.delete(file);
  }
}
