import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { InputMark, LiveInput, LiveSource } from '../../src/core/live-source.ts';
import { type LiveOptions, openLive, type Pace } from '../../src/sources/live.ts';

const NEWLINE = 0x0a;
/** What should happen has happened by then, or will not. */
const PATIENCE_MS = 10_000;
/** So that what is told after a while is told soon. */
export const QUICK: Pick<Pace, 'pollMs' | 'restMs'> = { pollMs: 5, restMs: 20 };

/** A folder, perhaps with files, that vanishes with the scope that holds it. */
export function newFolder(
  files: Readonly<Record<string, string | Uint8Array>> = {},
): Disposable & { path: string; at: (...names: string[]) => string } {
  const path = mkdtempSync(join(tmpdir(), 'daybook-live-'));
  for (const [name, content] of Object.entries(files)) writeFileSync(join(path, name), content);
  return {
    path,
    at: (...names) => join(path, ...names),
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }),
  };
}

/** What was read of one input. */
export interface Followed {
  readonly input: LiveInput;
  readonly lines: string[];
  /** A last line without its end. */
  held: Buffer;
  /** Whether the rest of a line is to be skipped first. */
  isSkipping: boolean;
  readonly failures: string[];
}

/** Reads a source's inputs as the pipeline does: whole lines, a last one when its input has ended. */
export class LineFollower {
  readonly source: LiveSource;
  readonly notes: string[];
  readonly inputs: Followed[] = [];
  readonly #into: Uint8Array;

  constructor(source: LiveSource, notes: string[] = [], pieceBytes = 64 << 10) {
    this.source = source;
    this.notes = notes;
    this.#into = new Uint8Array(pieceBytes);
  }

  /** All lines in the order in which they were read. */
  get lines(): string[] {
    return this.inputs.flatMap(({ lines }) => lines);
  }

  /** The lines of each input, by its name. */
  get shown(): [name: string, lines: string[]][] {
    return this.inputs.map(({ input, lines }) => [input.name, lines]);
  }

  of(name: string): Followed {
    const found = this.inputs.findLast(({ input }) => input.name === name);
    assert.ok(found, `no input ${name} among ${this.inputs.map(({ input }) => input.name)}`);
    return found;
  }

  /** Takes note of new inputs. @returns Whether there were any. */
  async welcome(): Promise<boolean> {
    const arrived = await this.source.arrivals();
    for (const input of arrived) {
      const held = Buffer.alloc(0);
      this.inputs.push({ input, lines: [], held, isSkipping: input.withinLine, failures: [] });
    }
    return arrived.length > 0;
  }

  /** Reads all that is there now. @returns Whether there was anything. */
  async read(): Promise<boolean> {
    let any = await this.welcome();
    for (const followed of this.inputs) while (await this.#readOn(followed)) any = true;
    return any;
  }

  /** Reads on until something holds. */
  async until(holds: () => boolean): Promise<void> {
    const late = performance.now() + PATIENCE_MS;
    const { signal } = new AbortController();
    while (await this.read());
    while (!holds()) {
      if (performance.now() > late) assert.fail(`${holds} does not come: ${this.#state()}`);
      await this.source.changed(100, signal);
      await this.read();
    }
  }

  async untilLines(count: number): Promise<void> {
    await this.until(() => this.lines.length >= count);
  }

  /** Reads on for long enough to be sure that nothing more comes. */
  async atRest(restMs = 150): Promise<void> {
    const late = performance.now() + restMs;
    const { signal } = new AbortController();
    for (let left = restMs; left > 0; left = late - performance.now()) {
      await this.source.changed(left, signal);
      await this.read();
    }
  }

  /** Stops as a kill does: what is left are the marks. */
  async killed(): Promise<InputMark[]> {
    const marks = structuredClone(this.source.marks());
    await this.source.close();
    return marks;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.source.close();
  }

  async #readOn(followed: Followed): Promise<boolean> {
    const { input, lines } = followed;
    const into = this.#into;
    let count = 0;
    try {
      count = await input.read(into);
    } catch (error) {
      followed.failures.push((error as Error).message);
      return false;
    }
    if (count === 0 && input.end !== 'whole') return false;
    const bytes = Buffer.concat([followed.held, into.subarray(0, count)]);
    const isWhole = count === 0 && input.end === 'whole';
    const to = isWhole ? bytes.length : bytes.lastIndexOf(NEWLINE) + 1;
    followed.held = bytes.subarray(to);
    if (to > 0) {
      const whole = bytes.subarray(0, to);
      const found = whole.toString().replace(/\n$/, '').split('\n');
      const skipped = followed.isSkipping ? 1 : 0;
      input.consumed(whole, found.length - skipped);
      lines.push(...found.slice(skipped));
      followed.isSkipping = false;
    }
    return count > 0;
  }

  /** The ends of all inputs, in the order of their arrival. */
  get ends(): LiveInput['end'][] {
    return this.inputs.map(({ input }) => input.end);
  }

  #state(): string {
    const inputs = this.inputs.map(({ input, lines, held }) => ({
      name: input.name,
      end: input.end,
      lines,
      held: held.toString(),
    }));
    return JSON.stringify({ inputs, notes: this.notes }, null, 1);
  }
}

/** Follows what words name, quickly. */
export async function following(
  words: readonly string[],
  options: Partial<LiveOptions> & { pieceBytes?: number } = {},
): Promise<LineFollower> {
  const notes: string[] = [];
  const { pieceBytes, pace, ...others } = options;
  const source = await openLive(words, {
    readFrom: 'start',
    done: 'keep',
    idleMs: 20,
    marks: [],
    onNote: (message) => void notes.push(message),
    ...others,
    pace: { ...QUICK, ...pace },
  });
  return new LineFollower(source, notes, pieceBytes);
}

/** Lets modes matter in a test that root runs. */
export function asNobody(folder: string): Disposable {
  const isRoot = process.geteuid!() === 0;
  if (isRoot) {
    chmodSync(folder, 0o777);
    process.seteuid!(65534);
  }
  return { [Symbol.dispose]: () => void (isRoot && process.seteuid!(0)) };
}
