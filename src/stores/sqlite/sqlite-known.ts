import type { DatabaseSync } from 'node:sqlite';
import type { StoredInput, Stream } from '../../core/store.ts';
import { byRank } from '../input-rank.ts';
import { noStream } from '../refusals.ts';
import { INPUTS, inputOf, streamOf } from './sqlite-rows.ts';
import type { SqliteVersion } from './sqlite-version.ts';

/**
 * Streams and inputs, which every report asks for: looked up once for each version of a store.
 *
 * Not for who is about to commit: what was found then would be taken for what it is afterwards.
 */
export class SqliteKnown {
  readonly #db: DatabaseSync;
  readonly #version: SqliteVersion;
  #knownOf = 0;
  readonly #inputs = new Map<string, readonly StoredInput[]>();
  #streams: ReadonlyMap<string, KnownStream> | undefined;

  constructor(db: DatabaseSync, version: SqliteVersion) {
    this.#db = db;
    this.#version = version;
  }

  /** All streams by their names, in the order of these. */
  streams(): ReadonlyMap<string, KnownStream> {
    this.#refresh();
    this.#streams ??= new Map(
      this.#db
        .prepare('SELECT * FROM streams ORDER BY name')
        .all()
        .map((row) => [String(row['name']), { id: Number(row['id']), stream: streamOf(row) }]),
    );
    return this.#streams;
  }

  /**
   * The id of a stream, which is never another one.
   *
   * @throws DaybookError `STORE_UNUSABLE` - There is no such stream.
   */
  idOf(stream: string): number {
    const found = this.#streams?.get(stream) ?? this.streams().get(stream);
    if (found === undefined) throw noStream(stream);
    return found.id;
  }

  /** The inputs of a stream by rank. */
  inputs(stream: string): readonly StoredInput[] {
    this.#refresh();
    const id = this.idOf(stream);
    const find = `${INPUTS} WHERE stream = ? GROUP BY inputs.id`;
    const known =
      this.#inputs.get(stream) ?? this.#db.prepare(find).all(id).map(inputOf).sort(byRank);
    this.#inputs.set(stream, known);
    return known;
  }

  #refresh(): void {
    const version = this.#version.settle();
    if (version === this.#knownOf) return;
    this.#knownOf = version;
    this.#inputs.clear();
    this.#streams = undefined;
  }
}

interface KnownStream {
  readonly id: number;
  readonly stream: Stream;
}
