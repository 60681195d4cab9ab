/** What a key allows: to ask; besides, to post events; besides, to change anything. */
export const SCOPES = ['read', 'write', 'admin'] as const;

export type Scope = (typeof SCOPES)[number];

/** A key to the service, without what is secret of it. */
export interface AccessKey {
  /** Told from others by; part of what its holder sends. */
  readonly id: string;
  /** What people call it. */
  readonly name: string;
  readonly scope: Scope;
  /** Whose usage it shows, and for whom it may post events; everybody's unless given. */
  readonly subjects?: readonly string[] | undefined;
  /** All times in ms since the epoch. */
  readonly created: number;
  /** From when on it is of no use; never unless given. */
  readonly expires?: number | undefined;
  readonly revoked?: number | undefined;
  /** To the minute. */
  readonly lastUsed?: number | undefined;
}

/** A key, and the SHA-256 of its secret. */
export interface StoredKey {
  readonly key: AccessKey;
  readonly digest: Uint8Array;
}

/**
 * The keys to a service. What is changed counts at once, also in other processes.
 *
 * @throws DaybookError `STORE_UNUSABLE`, from every function.
 */
export interface KeyRing extends Disposable {
  /** Whether there was ever a key: then nobody gets in without one. */
  isEmpty(): boolean;
  add(stored: StoredKey): void;
  find(id: string): StoredKey | undefined;
  /** All of them, oldest first. */
  list(): AccessKey[];
  /** Returns whether there is such a key; one that is revoked stays so. */
  revoke(id: string, at: number): boolean;
  /** Takes note of a use, where that is possible without waiting. */
  used(id: string, at: number): void;
}
