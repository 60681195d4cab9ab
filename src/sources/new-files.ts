import { resolve } from 'node:path';
import { Candidate, type CandidateKind, type Look, type Patience } from './candidate.ts';
import { isUnclaimed } from './examine.ts';
import { FileInput, type FileSetting } from './file-input.ts';
import type { FileStat } from './file-stat.ts';
import { GrowingFile } from './growing-file.ts';
import type { KnownInputs } from './known-inputs.ts';
import { PackedFile } from './packed-file.ts';
import { Prefix } from './prefix.ts';

type LookOf<Kind> = Extract<Look, { kind: Kind }>;

/** What files that hold nothing new are handed to. */
export type OnKnown = (path: string, identity: string) => void;

/** Files that were found, until it is known what they are: inputs, or nothing new. */
export class NewFiles {
  readonly #known: KnownInputs;
  readonly #setting: FileSetting;
  readonly #patience: Patience;
  readonly #onKnown: OnKnown;
  /** By identity. */
  readonly #candidates = new Map<string, Candidate>();
  /** Versions of files that hold nothing new, by identity. */
  readonly #seen = new Map<string, string>();

  constructor(known: KnownInputs, setting: FileSetting, patience: Patience, onKnown: OnKnown) {
    this.#known = known;
    this.#setting = setting;
    this.#patience = patience;
    this.#onKnown = onKnown;
  }

  /** Takes note of a file that is there and not followed. @returns Whether it may hold anything new. */
  found(path: string, stat: FileStat, kind: CandidateKind): boolean {
    const seen = this.#seen.get(stat.identity);
    if (seen === stat.version || seen === stat.state) return false;
    const candidate = this.#candidates.get(stat.identity);
    if (candidate) candidate.updated(path, stat);
    else this.#candidates.set(stat.identity, this.candidate(path, stat, kind));
    return true;
  }

  candidate(path: string, stat: FileStat, kind: CandidateKind): Candidate {
    // An empty file's end is its start.
    const isEmpty = kind === 'present' && stat.sizeBytes === 0;
    return new Candidate(path, stat, isEmpty ? 'file' : kind, this.#patience);
  }

  /** Forgets files that are gone. */
  keep(identities: ReadonlySet<string>): void {
    for (const files of [this.#candidates, this.#seen])
      for (const identity of files.keys()) if (!identities.has(identity)) files.delete(identity);
  }

  /** Takes note that a file was read to its end. */
  ended({ identity, readVersion }: FileInput): void {
    if (readVersion === undefined) this.#seen.delete(identity);
    else this.#seen.set(identity, readVersion);
  }

  get candidates(): Candidate[] {
    return [...this.#candidates.values()];
  }

  /** Those that are worth a look, pieces of logs first: what took their place goes on from them. */
  get due(): Candidate[] {
    const due = this.candidates.filter(({ isDue }) => isDue);
    const [pieces, others] = [true, false].map((isPiece) =>
      due.filter(({ kind }) => (kind === 'piece') === isPiece),
    );
    return [...pieces!, ...others!];
  }

  /** When the next one is. */
  get nextDueAt(): number {
    return this.candidates.reduce(
      (least, { dueAt }) => Math.min(least, dueAt),
      Number.POSITIVE_INFINITY,
    );
  }

  /** Looks what a file is. @returns An input, if it holds anything new. */
  async examine(candidate: Candidate): Promise<FileInput | undefined> {
    return this.conclude(candidate, await candidate.look(this.#known));
  }

  /** Does what a look asks for. @returns An input, if the file holds anything new. */
  conclude({ path, kind }: Candidate, look: Look): FileInput | undefined {
    if (look.kind === 'wait') return undefined;
    const { stat } = look;
    const displaced = kind === 'piece';
    this.#candidates.delete(stat.identity);
    switch (look.kind) {
      case 'unreadable':
        this.#seen.set(stat.identity, stat.state);
        this.#setting.onNote(look.reason);
        return undefined;
      case 'known':
        this.#seen.set(stat.identity, stat.version);
        this.#recognize(path, look);
        return undefined;
      case 'new':
        if (kind === 'present') return this.#leaveOut(path, look, look.prefix);
        return this.#follow(path, look, new Prefix(), displaced);
      case 'continues':
        return this.#goOn(path, look, displaced);
    }
  }

  #goOn(path: string, look: LookOf<'continues'>, displaced: boolean): FileInput {
    const { of, prefix } = look;
    if (!isUnclaimed(of)) return this.#follow(path, look, prefix, displaced);
    this.#known.claim(of);
    const { name, rank } = of.mark;
    const wasRenamed = resolve(name) !== resolve(path);
    return this.#follow(path, look, prefix, displaced || wasRenamed, rank);
  }

  /** Begins a file at its end. */
  #leaveOut(path: string, look: LookOf<'new'>, prefix: Prefix): FileInput | undefined {
    const isWithinLine = !prefix.endsLine;
    if (isWithinLine) prefix.lines++;
    if (!look.isPacked) return this.#follow(path, look, prefix, false);
    const { identity, version } = look.stat;
    const rank = this.#known.takeRank();
    this.#seen.set(identity, version);
    this.#known.remember({ rank, name: path, identity, ...prefix.described, ended: true });
    return undefined;
  }

  #follow(
    path: string,
    { stat, isPacked, prefix: { head: fileHead } }: LookOf<'new' | 'continues'>,
    prefix: Prefix,
    displaced: boolean,
    rank = this.#known.takeRank(),
  ): FileInput {
    const start = { path, stat, rank, prefix, displaced };
    const Kind = isPacked ? PackedFile : GrowingFile;
    const input = new Kind(start, this.#setting);
    input.hold(); // Whatever becomes of its name before it is read.
    this.#known.follow(input, fileHead);
    return input;
  }

  /** Takes note of a file that holds nothing new. */
  #recognize(path: string, { of, prefix, stat }: LookOf<'known'>): void {
    const original = of instanceof FileInput ? of.mark() : of.mark;
    const { identity } = stat;
    const isOwn = original.position === prefix.position && !(of instanceof FileInput);
    if (!isOwn) {
      this.#known.remember({ ...original, ...prefix.described, name: path, identity, ended: true });
    }
    // Of what a store has, only names are known.
    const isSame = original.identity === '' && resolve(path) === resolve(original.name);
    if (original.identity !== identity && !isSame && !isPieceOf(path, original.name)) {
      this.#setting.onNote(`${path} holds only what was already read as ${original.name}`);
    }
    this.#onKnown(path, identity);
  }
}

/** Whether a file is called as a rotated piece of another is, so that people expect that it is a copy. */
function isPieceOf(path: string, name: string): boolean {
  const stem = name.replace(/([.-]\d+)?(\.(gz|zst))?$/, '');
  return path !== name && (path.startsWith(`${stem}.`) || path.startsWith(`${stem}-`));
}
