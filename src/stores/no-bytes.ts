import { createHash } from 'node:crypto';

/** SHA-256 of no bytes, in hex. */
export const NO_BYTES: string = createHash('sha256').digest('hex');
