import type { InputMark } from '../core/live-source.ts';
import type { FileInput } from './file-input.ts';
import { HeadIndex } from './head-index.ts';
import { Prefix } from './prefix.ts';
import type { FoundFile } from './watched-words.ts';

/** So many marks of inputs that have ended are kept. */
const MOST_ENDED = 10_000;

/** An input that is not followed now. */
export interface PastInput {
  readonly mark: InputMark;
  /** What was read of one that was truncated, while that was not long ago. */
  readonly prefix?: Prefix;
}

/** All inputs that were ever read, as far as is remembered: those that are followed, and others. */
export class KnownInputs {
  /** By identity. */
  readonly #followed = new Map<string, FileInput>();
  /** Ended, but for lines that are yet to be decoded. */
  readonly #ending = new Set<FileInput>();
  /** In the order in which they ended. */
  readonly #past = new Set<PastInput>();
  /** Inputs that were truncated, by name. */
  readonly #cut = new Map<string, PastInput>();
  readonly #pastByHead = new HeadIndex<PastInput>();
  readonly #currentByHead = new HeadIndex<FileInput>();
  /** The first bytes of the files that are followed, in hex. */
  readonly #heads = new Map<FileInput, string>();
  /** Files that marks tell of and of which nothing was read: who they were, and their first bytes. */
  readonly #unread: ReadonlySet<string>;
  readonly #unreadHeads: ReadonlySet<string>;
  /** All files that marks tell of and that had not ended. */
  readonly #told: ReadonlySet<string>;
  #nextRank: number;

  constructor(marks: readonly InputMark[], firstRank: number) {
    for (const mark of marks) if (mark.position > 0) this.#add({ mark });
    const open = marks.filter(({ ended }) => !ended);
    this.#told = new Set(open.map(({ identity }) => identity));
    const unread = open.filter(({ position }) => position === 0);
    this.#unread = new Set(unread.map(({ identity }) => identity));
    this.#unreadHeads = new Set(unread.flatMap(({ head }) => head || []));
    this.#nextRank = marks.reduce((next, { rank }) => Math.max(next, rank + 1), firstRank);
  }

  /** Ranks are given once. */
  takeRank(): number {
    return this.#nextRank++;
  }

  /** The inputs that are followed. */
  get followed(): Iterable<FileInput> {
    return this.#followed.values();
  }

  followedAs(identity: string): FileInput | undefined {
    return this.#followed.get(identity);
  }

  /** @param head - The first bytes of its file, in hex. */
  follow(input: FileInput, head: string): void {
    this.#followed.set(input.identity, input);
    this.#heads.set(input, head);
    this.#currentByHead.add(head, input);
  }

  /** Takes note that more of the first bytes of an input were read. */
  began(input: FileInput): void {
    const before = this.#heads.get(input);
    const { head } = input.prefix;
    if (before === undefined || head.length <= before.length) return;
    this.#currentByHead.delete(before, input);
    this.#currentByHead.add(head, input);
    this.#heads.set(input, head);
  }

  /** Puts by what has ended. @returns What is followed no more. */
  retire(): FileInput[] {
    const ended = [...this.#followed.values()].filter(({ end }) => end !== undefined);
    for (const input of ended) {
      this.#followed.delete(input.identity);
      this.#ending.add(input);
    }
    for (const input of this.#ending) {
      if (!input.isOver) continue;
      this.#ending.delete(input);
      this.#currentByHead.delete(this.#heads.get(input)!, input);
      this.#heads.delete(input);
      const { end, prefix } = input;
      if (prefix.position > 0) this.remember(input.mark(), end === 'cut' ? prefix : undefined);
    }
    return ended;
  }

  /** Remembers what was read of an input, to know it again. */
  remember(mark: InputMark, prefix?: Prefix): void {
    if (prefix === undefined) this.#add({ mark });
    else {
      // Byte by byte only the last of its name: a copy is made just before it is truncated.
      const before = this.#cut.get(mark.name);
      const past = { mark, prefix };
      if (before) this.#replace(before, { mark: before.mark });
      this.#cut.set(mark.name, past);
      this.#add(past);
    }
    for (const oldest of this.#past) {
      if (this.#past.size <= 2 * MOST_ENDED) break;
      if (oldest.mark.ended) this.claim(oldest);
    }
  }

  /** Takes a mark away, of an input that is followed from here on. */
  claim(past: PastInput): void {
    this.#past.delete(past);
    this.#pastByHead.delete(past.mark.head ?? '', past);
  }

  /** Marks whose files are yet to be found. */
  get unclaimed(): PastInput[] {
    return [...this.#past].filter(({ mark }) => !mark.ended);
  }

  /** Whether marks tell of a file that may grow, by its device and inode. */
  tellsOf(identity: string): boolean {
    return this.#told.has(identity);
  }

  /** Whether marks tell of a file of which nothing was read. @param head - Its first bytes in hex. */
  isUnread(identity: string, head = ''): boolean {
    return this.#unread.has(identity) || this.#unreadHeads.has(head);
  }

  /** Whether marks tell of files of which nothing was read that are none of these. */
  hasOtherUnread(identities: ReadonlySet<string>): boolean {
    return [...this.#unread].some((identity) => !identities.has(identity));
  }

  /** Says that an input will not be found. */
  giveUp(past: PastInput): void {
    this.#replace(past, { mark: { ...past.mark, ended: true } });
  }

  /**
   * The inputs that a file may be a copy of, which was found at some time.
   *
   * Those of which nothing was read are, if they were followed before: found together, both are read.
   *
   * @param head - The first bytes of the file, in hex.
   */
  alike(head: string, foundAt: number): { past: PastInput[]; current: FileInput[] } {
    const current = this.#currentByHead.alike(head);
    return {
      past: this.#pastByHead.alike(head),
      current: current.filter((input) => input.prefix.position > 0 || input.madeAt < foundAt),
    };
  }

  /**
   * Of all inputs, of those that have ended only the latest.
   *
   * @param candidates - Files of which nothing was read yet.
   */
  marks(candidates: readonly FoundFile[]): InputMark[] {
    const { described } = new Prefix();
    const rank = this.#nextRank;
    const unread = candidates.map(({ path, stat: { identity } }) => ({
      rank,
      name: path,
      identity,
      ...described,
      ended: false,
    }));
    const past = [...this.#past].map(({ mark }) => mark);
    const open = past.filter(({ ended }) => !ended);
    const ended = past.filter((mark) => mark.ended).slice(-MOST_ENDED);
    const current = [...this.#heads].map(([input, head]) => {
      const mark = input.mark();
      return mark.position > 0 ? mark : { ...mark, head };
    });
    return [...open, ...ended, ...current, ...unread].sort((a, b) => a.rank - b.rank);
  }

  #add(past: PastInput): void {
    this.#past.add(past);
    this.#pastByHead.add(past.mark.head ?? '', past);
  }

  #replace(past: PastInput, by: PastInput): void {
    this.claim(past);
    this.#add(by);
  }
}
