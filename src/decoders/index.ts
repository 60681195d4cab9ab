import type { DecoderKind } from '../core/decoder.ts';
import { sessionLog } from './session-log.ts';

/** The kinds of decoder by name. */
export const decoders = { 'session-log': sessionLog } satisfies Record<string, DecoderKind>;
