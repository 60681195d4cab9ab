import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { loadJob } from '../../src/core/job.ts';
import type { InputMark, LiveInput, LiveSource } from '../../src/core/live-source.ts';
import type { Reject } from '../../src/core/rejects.ts';
import type { Report } from '../../src/core/report.ts';
import type { WindowedReport } from '../../src/core/windowed-report.ts';
import { Follower, type FollowOptions } from '../../src/pipeline/follow/follow.ts';
import type { WindowRows } from '../../src/pipeline/follow/window-run.ts';

const NEWLINE = 0x0a;

/** An input in memory, which shows its bytes little by little. */
export class FakeInput implements LiveInput {
  readonly name: string;
  readonly log: string;
  readonly rank: number;
  readonly from: number;
  readonly lines: number;
  readonly withinLine: boolean;
  end: LiveInput['end'];
  readonly #bytes: Buffer;
  /** Lengths of what is read at a time; after a 0 there is nothing until it is asked again. */
  readonly #chunks: Iterator<number, undefined>;
  /** How much is there of what is read at a time. */
  #left: number;
  #at: number;
  #shown: number;
  #ending: LiveInput['end'];
  #consumed: number;
  #consumedLines: number;

  /**
   * @param bytes - All that it will ever hold.
   * @param chunks - When they are through, all bytes up to `shown` are there; `show` brings more.
   */
  constructor(
    name: string,
    rank: number,
    bytes: Buffer,
    {
      chunks = [],
      shown = bytes.length,
      mark,
      log = name,
    }: { chunks?: Iterable<number>; shown?: number; mark?: InputMark; log?: string } = {},
  ) {
    this.name = name;
    this.log = log;
    this.rank = rank;
    this.from = mark?.position ?? 0;
    this.lines = mark?.lines ?? 0;
    this.withinLine = this.from > 0 && bytes[this.from - 1] !== NEWLINE;
    this.#bytes = bytes;
    this.#chunks = Iterator.from(chunks);
    this.#left = this.#nextChunk();
    this.#shown = shown;
    this.#at = this.from;
    this.#consumed = this.from;
    this.#consumedLines = this.lines;
  }

  /** Lets more bytes be read. */
  show(upTo = this.#bytes.length): void {
    this.#shown = upTo;
  }

  /** Ends it where it is shown to. */
  finish(end: LiveInput['end'] = 'whole'): void {
    this.#ending = end;
  }

  /** What is there at the start. */
  async head(sizeBytes: number, ofAll = false): Promise<Uint8Array> {
    if (ofAll) return Buffer.from(this.#bytes.subarray(0, sizeBytes));
    const length = Math.min(sizeBytes, this.#left, this.#shown - this.from);
    return Buffer.from(this.#bytes.subarray(this.from, this.from + length));
  }

  read(into: Uint8Array): number {
    if (this.#left === 0) {
      this.#left = this.#nextChunk();
      return 0;
    }
    const length = Math.min(into.length, this.#left, this.#shown - this.#at);
    into.set(this.#bytes.subarray(this.#at, this.#at + length));
    this.#at += length;
    this.#left -= length;
    if (this.#left === 0) this.#left = this.#nextChunk();
    if (length === 0) this.end = this.#ending;
    return length;
  }

  #nextChunk(): number {
    const { done, value } = this.#chunks.next();
    return done ? Number.POSITIVE_INFINITY : value;
  }

  consumed(bytes: Uint8Array, lines: number): void {
    const to = this.#consumed + bytes.length;
    assert.ok(to <= this.#at, 'no more is consumed than was read');
    assert.deepEqual(Buffer.from(bytes), this.#bytes.subarray(this.#consumed, to));
    this.#consumed = to;
    this.#consumedLines += lines;
  }

  withRest(bytes: Uint8Array): string {
    return createHash('sha256')
      .update(this.#bytes.subarray(0, this.#consumed))
      .update(bytes)
      .digest('hex');
  }

  mark(): InputMark {
    const { name, rank, end } = this;
    const position = this.#consumed;
    const ended = end !== undefined;
    return { name, rank, identity: '', position, digest: '', lines: this.#consumedLines, ended };
  }

  /** The same input for who goes on from a mark. */
  resumed(mark: InputMark, chunks: Iterable<number> = []): FakeInput {
    const input = new FakeInput(this.name, this.rank, this.#bytes, {
      chunks,
      shown: this.#shown,
      mark,
      log: this.log,
    });
    if (this.#ending) input.finish(this.#ending);
    return input;
  }
}

/** Inputs in memory. When all that is there was read, what is planned happens, one thing after the other. */
export class FakeSource implements LiveSource {
  readonly inputs: FakeInput[];
  readonly settledInputs: string[] = [];
  #arriving: FakeInput[];
  readonly #plan: Iterator<(source: FakeSource) => void, undefined>;
  finished = false;
  /** Time that passes while it is waited. */
  clockMs = 0;

  /** @param plan - Behind it, all inputs end. */
  constructor(inputs: readonly FakeInput[], plan: readonly ((source: FakeSource) => void)[] = []) {
    this.inputs = [...inputs];
    this.#arriving = [...inputs];
    this.#plan = Iterator.from(plan);
  }

  arrive(input: FakeInput): void {
    this.inputs.push(input);
    this.#arriving.push(input);
  }

  async arrivals(): Promise<FakeInput[]> {
    return this.#arriving.splice(0);
  }

  async changed(timeoutMs: number): Promise<void> {
    this.clockMs += timeoutMs;
    const { done, value } = this.#plan.next();
    if (!done) return value(this);
    this.finished = true;
    for (const input of this.inputs) input.finish();
  }

  async settled(input: LiveInput): Promise<void> {
    this.settledInputs.push(input.name);
  }

  marks(): InputMark[] {
    return this.inputs.map((input) => input.mark());
  }

  async close(): Promise<void> {}
}

/** What following a source gave. */
export interface FollowedReports {
  readonly reports: WindowRows[];
  readonly rejects: Reject[];
  readonly follower: Follower;
}

/** Follows a source to its end; the books must balance at every step. */
export async function followed<Result>(
  opening: Report<Result> | Promise<Report<Result>>,
  source: FakeSource,
  options: Partial<FollowOptions> & {
    saved?: unknown;
    /** Called after every step; stops where it says so. */
    onStep?: (follower: Follower, reports: readonly WindowRows[]) => boolean | undefined;
  } = {},
): Promise<FollowedReports> {
  const { saved, onStep, ...others } = options;
  const windowed = (await opening).windowed as WindowedReport;
  const follower = new Follower(
    windowed,
    await loadJob(windowed.job),
    source,
    {
      idleMs: 30_000,
      provisional: true,
      keepRejects: true,
      onNote: (message) => assert.fail(message),
      signal: new AbortController().signal,
      now: () => source.clockMs,
      ...others,
    },
    saved,
  );
  const found: FollowedReports = { reports: [], rejects: [], follower };
  for await (const { reports, rejects } of follower.steps()) {
    assert.ok(follower.books.read >= 0, 'the books balance');
    found.reports.push(...reports);
    found.rejects.push(...rejects);
    if (onStep?.(follower, found.reports)) break;
  }
  return found;
}

/** Ways to hand out bytes: in pieces of any length, with or without waiting in between. */
export function arbitraryChunks(): fc.Arbitrary<number[]> {
  const length = fc.oneof(fc.nat(3), fc.nat(60), fc.nat(2000), fc.constant(0));
  return fc.array(length, { maxLength: 60 });
}
