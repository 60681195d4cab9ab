import type { DatabaseSync, StatementSync } from 'node:sqlite';

/**
 * Which version of a store is read: all that is read within a turn of the event loop is of one, which is looked for once.
 * So who asks for little pays for no transaction of its own.
 */
export class SqliteVersion {
  readonly #db: DatabaseSync;
  readonly #begin: StatementSync;
  readonly #end: StatementSync;
  readonly #look: StatementSync;
  readonly #leave = () => this.leave();
  #turn: NodeJS.Immediate | undefined;
  #isSettled = false;
  #dataVersion: unknown;
  #number = 0;

  constructor(db: DatabaseSync) {
    this.#db = db;
    this.#begin = db.prepare('BEGIN');
    this.#end = db.prepare('COMMIT');
    this.#look = db.prepare('PRAGMA data_version');
  }

  /** Whether it is one version for as long as the store is open. */
  get isLasting(): boolean {
    return this.#turn === undefined && this.#db.isTransaction;
  }

  /** Stays with what is committed now until the turn ends. Returns its number: as long as that is the same, nothing was changed. */
  settle(): number {
    if (this.#isSettled) return this.#number;
    if (!this.#db.isTransaction) {
      this.#begin.run();
      this.#turn = setImmediate(this.#leave);
    }
    const { data_version: found } = this.#look.get()!;
    if (found !== this.#dataVersion) this.#number++;
    this.#dataVersion = found;
    this.#isSettled = this.#turn !== undefined;
    return this.#number;
  }

  /** Goes on to what is committed by then. */
  leave(): void {
    this.#isSettled = false;
    if (this.#turn === undefined) return;
    clearImmediate(this.#turn);
    this.#turn = undefined;
    // What fails for good, as where a disk does, ends it, too.
    if (this.#db.isOpen && this.#db.isTransaction) this.#end.run();
  }

  /** To be told before each change by this connection: those of others show. */
  change(): void {
    this.leave();
    this.#number++;
  }
}
