import type { InputMark, LiveInput, LiveSource } from '../core/live-source.ts';

/** Several sources as one. */
export class JoinedSources implements LiveSource {
  readonly #sources: readonly LiveSource[];
  readonly #owners = new WeakMap<LiveInput, LiveSource>();

  constructor(sources: readonly LiveSource[]) {
    this.#sources = sources;
  }

  get finished(): boolean {
    return this.#sources.every(({ finished }) => finished);
  }

  async arrivals(): Promise<LiveInput[]> {
    const all: LiveInput[] = [];
    for (const source of this.#sources) {
      const inputs = await source.arrivals();
      for (const input of inputs) this.#owners.set(input, source);
      all.push(...inputs);
    }
    return all;
  }

  async changed(timeoutMs: number, signal: AbortSignal): Promise<void> {
    const first = new AbortController();
    const either = AbortSignal.any([signal, first.signal]);
    const changes = this.#sources.map((source) => source.changed(timeoutMs, either));
    await Promise.race(changes);
    first.abort();
    await Promise.all(changes);
  }

  async settled(input: LiveInput): Promise<void> {
    await this.#owners.get(input)?.settled(input);
  }

  marks(): InputMark[] {
    return this.#sources.flatMap((source) => source.marks());
  }

  async close(): Promise<void> {
    await Promise.all(this.#sources.map((source) => source.close()));
  }
}
