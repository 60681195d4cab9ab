import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { Dictionary } from '../../core/dictionary.ts';

/** The table of names, remembered as far as it was written and read. */
export class SqliteNames {
  readonly #find: StatementSync;
  readonly #insert: StatementSync;
  readonly #read: StatementSync;
  /** Names that were added, and the id in the table of each. */
  readonly #known: Dictionary = new Dictionary();
  readonly #idOf: number[] = [];
  /** Names by their id in the table. */
  readonly #nameOf: Uint8Array[] = [];

  constructor(db: DatabaseSync) {
    this.#find = db.prepare('SELECT id FROM names WHERE name = ?');
    this.#insert = db.prepare('INSERT INTO names (name) VALUES (?)');
    this.#read = db.prepare('SELECT name FROM names WHERE id = ?');
  }

  /** The id of a name; undefined if it is nowhere. Not remembered: anything may be asked for. */
  find(name: Uint8Array): number | undefined {
    const id = this.#find.get(name)?.['id'];
    return id === undefined ? undefined : Number(id);
  }

  /** The same for names that anybody may ask for, of which none is remembered. */
  lookUp(name: Uint8Array): number | undefined {
    const id = this.#find.get(name)?.['id'];
    return id === undefined ? undefined : Number(id);
  }

  /** The id of a name, which is added if it is new. */
  add(name: Uint8Array): number {
    const known = this.#known.add(name, 0, name.length);
    this.#idOf[known] ??= this.find(name) ?? Number(this.#insert.run(name).lastInsertRowid);
    return this.#idOf[known];
  }

  /** The ids of all names of a dictionary, by their numbers in it; those that are new are added. */
  addAll(names: Dictionary | undefined): Uint32Array<ArrayBuffer> {
    return new Uint32Array(names?.size ?? 0).map((_, number) => this.add(names!.bytesOf(number)));
  }

  /** The name of an id. */
  bytesOf(id: number): Uint8Array {
    this.#nameOf[id] ??= this.#read.get(id)!['name'] as Uint8Array;
    return this.#nameOf[id];
  }

  textOf(id: number): string {
    return Buffer.from(this.bytesOf(id)).toString();
  }

  /** Forgets ids that a transaction gave and took back. */
  forget(): void {
    this.#idOf.length = 0;
    this.#nameOf.length = 0;
  }
}
