import { hash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** An answer as a whole. */
interface Whole {
  readonly body: string | Buffer;
  /** Its media type. */
  readonly type: string;
  /** Whether it changes only by what comes late or is taken back. */
  readonly final: boolean;
  /** What its tag is made of where the body may change while what it tells stays the same: the tag is then a weak one. */
  readonly told?: string | Uint8Array | undefined;
}

/**
 * Answers with a body. What is final has a tag of its content (`ETag`), and is not sent again to who has it; but for
 * what was asked by POST, where that would mean something else.
 */
export function sendWhole(
  request: FastifyRequest,
  reply: FastifyReply,
  { body, type, final, told }: Whole,
): FastifyReply {
  void reply.type(`${type}; charset=utf-8`);
  if (final && request.method !== 'POST') {
    const opaque = `"${hash('sha256', told ?? body, 'base64url').slice(0, TAG_CHARACTERS)}"`;
    const tag = told === undefined ? opaque : `W/${opaque}`;
    void reply.header('ETag', tag).header('Cache-Control', 'private, no-cache');
    if (isKnown(request.headers['if-none-match'], tag)) return reply.status(304).send();
  }
  return reply.send(body);
}

const TAG_CHARACTERS = 27;

/** Whether a tag is among those of `If-None-Match`, where it is all the same whether they are weak (RFC 9110, 13.1.2). */
export function isKnown(header: string | undefined, tag: string): boolean {
  const strong = (word: string) => word.trim().replace(/^W[/]/, '');
  const known = header?.split(',').map(strong);
  return known?.some((word) => word === strong(tag) || word === '*') ?? false;
}
