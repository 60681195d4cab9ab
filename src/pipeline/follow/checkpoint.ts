import { mkdir, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { deserialize, serialize } from 'node:v8';
import { DaybookError, systemCode } from '../../core/errors.ts';
import type { InputMark } from '../../core/live-source.ts';
import type { UnlistedRejects } from '../../core/rejects.ts';

const MAGIC = Buffer.from('daybook checkpoint 2\n');
const LENGTH_BYTES = 8;

/** All that a follower needs to go on where another was stopped. Plain data with typed arrays. */
export interface Snapshot<Written = string> {
  /** What is reported, of what: a checkpoint of something else must not be taken for this. */
  readonly key: string;
  readonly follower: unknown;
  readonly marks: readonly InputMark[];
  /** Reports that are due, rendered. */
  readonly due: readonly Written[];
  /** How many bytes stood in the output file before them. */
  readonly outputBytes: number;
  /** How many bytes of rejects were written. */
  readonly rejectBytes: number;
  /** Rejects that were read, and could not be written. */
  readonly unlisted?: UnlistedRejects;
}

/** What a checkpoint says: the last snapshot, and how many of its reports were printed for sure. */
export interface Resumed<Written = string> extends Snapshot<Written> {
  readonly printed: number;
}

/**
 * A file that remembers what was read, counted and reported, all of one instant: it is replaced at once. Behind
 * the snapshot stands a byte for each of its reports that was printed.
 */
export class Checkpoint<Written = string> {
  readonly path: string;

  constructor(path: string) {
    this.path = path;
  }

  /**
   * Takes the checkpoint for this process alone, until it ends.
   *
   * @throws DaybookError `CHECKPOINT_UNUSABLE` - Another process that is alive has it.
   */
  async lock(): Promise<AsyncDisposable> {
    const path = `${this.path}.lock`;
    try {
      await mkdir(dirname(this.path), { recursive: true });
      for (let tries = 0; ; tries++) {
        try {
          await writeFile(path, String(process.pid), { flag: 'wx' });
          break;
        } catch (error) {
          if (systemCode(error) !== 'EEXIST' || tries > 0) throw error;
          const owner = Number(await readFile(path, 'utf8').catch(() => ''));
          if (isAlive(owner)) throw new Error(`process ${owner} is using it`);
          await rm(path, { force: true }); // Its owner was killed.
        }
      }
    } catch (error) {
      throw unusable(this.path, error);
    }
    return { [Symbol.asyncDispose]: () => rm(path, { force: true }) };
  }

  /**
   * The last snapshot, undefined if there is none.
   *
   * @throws DaybookError `CHECKPOINT_UNUSABLE` - It cannot be read, or is damaged.
   */
  async load(): Promise<Resumed<Written> | undefined> {
    const bytes = await readFile(this.path).catch((error: unknown) => {
      if (systemCode(error) === 'ENOENT') return undefined;
      throw unusable(this.path, error);
    });
    if (bytes === undefined) return undefined;
    try {
      if (!bytes.subarray(0, MAGIC.length).equals(MAGIC))
        throw new Error('it is none, or of another version; remove it to begin anew');
      const from = MAGIC.length + LENGTH_BYTES;
      if (bytes.length < from) throw new Error('it is cut off');
      const to = from + Number(bytes.readBigUInt64LE(MAGIC.length));
      if (to > bytes.length) throw new Error('it is cut off');
      const snapshot = withOwnArrays(deserialize(bytes.subarray(from, to))) as Snapshot<Written>;
      return { ...snapshot, printed: bytes.length - to };
    } catch (error) {
      throw unusable(this.path, error);
    }
  }

  /**
   * Replaces the snapshot, for good: when this settles it outlasts a loss of power.
   *
   * @throws DaybookError `CHECKPOINT_UNUSABLE` - The one before is still there.
   */
  async save(snapshot: Snapshot<Written>): Promise<void> {
    const payload = serialize(snapshot);
    const length = Buffer.alloc(LENGTH_BYTES);
    length.writeBigUInt64LE(BigInt(payload.length));
    const draft = `${this.path}.tmp`; // Nobody else writes it: see `lock`.
    try {
      await mkdir(dirname(this.path), { recursive: true });
      await using handle = await open(draft, 'w', 0o600);
      await handle.writeFile(Buffer.concat([MAGIC, length, payload]));
      await handle.sync();
      await rename(draft, this.path);
      await using folder = await open(dirname(this.path));
      await folder.sync();
    } catch (error) {
      await rm(draft, { force: true }).catch(() => {});
      throw unusable(this.path, error);
    }
  }

  /** Remembers that one more report of the snapshot was printed, if there is room for that. */
  async mark(): Promise<boolean> {
    try {
      await using handle = await open(this.path, 'a');
      await handle.writeFile('.');
      return true;
    } catch {
      return false;
    }
  }
}

function isAlive(pid: number): boolean {
  if (!(pid > 0) || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCode(error) === 'EPERM';
  }
}

/** The same with each typed array in memory of its own, instead of somewhere in the file's. */
function withOwnArrays(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (ArrayBuffer.isView(value)) return (value as Uint8Array).slice();
  if (Array.isArray(value)) return value.map(withOwnArrays);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withOwnArrays(item)]));
}

function unusable(path: string, cause: unknown): DaybookError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new DaybookError('CHECKPOINT_UNUSABLE', `cannot use the checkpoint ${path}: ${reason}`, {
    cause,
  });
}
