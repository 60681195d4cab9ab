import { hash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { AccessKey, KeyRing } from '../core/access-key.ts';

const ID_BYTES = 9;
const SECRET_BYTES = 32;
const FORM = /^daybook_([A-Za-z0-9_-]{12})_([A-Za-z0-9_-]{43})$/;
/** How often a use is noted. */
const NOTED_MS = 60_000;

/**
 * Makes a key and adds it to the others. Its secret has 256 random bits, so that a plain SHA-256 keeps it.
 *
 * @returns What its holder sends; it cannot be found out again.
 */
export function createKey(
  ring: KeyRing,
  key: Omit<AccessKey, 'id'>,
): { id: string; token: string } {
  const id = randomBytes(ID_BYTES).toString('base64url');
  const secret = randomBytes(SECRET_BYTES).toString('base64url');
  ring.add({ key: { ...key, id }, digest: digestOf(secret) });
  return { id, token: `daybook_${id}_${secret}` };
}

/** The key that somebody sent, if it is of use now. */
export function keyOf(ring: KeyRing, token: string, now: number): AccessKey | undefined {
  const [, id, secret] = FORM.exec(token) ?? [];
  if (id === undefined || secret === undefined) return undefined;
  const stored = ring.find(id);
  const digest = digestOf(secret);
  if (!stored || !timingSafeEqual(digest, stored.digest)) return undefined;
  const { key } = stored;
  if (!isInUse(key, now)) return undefined;
  if (now - (key.lastUsed ?? 0) >= NOTED_MS) ring.used(id, now);
  return key;
}

/** Whether a key is of use: neither revoked nor expired. */
export function isInUse(
  { revoked, expires = Number.POSITIVE_INFINITY }: AccessKey,
  now: number,
): boolean {
  return revoked === undefined && expires > now;
}

function digestOf(secret: string): Buffer {
  return hash('sha256', secret, 'buffer');
}
