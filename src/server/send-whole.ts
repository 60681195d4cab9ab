import { hash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';

/**
 * Answers with a body. What is final has a tag of its content (`ETag`), and is not sent again to who has it; but for
 * what was asked by POST, where that would mean something else.
 *
 * @param type - Its media type.
 */
export function sendWhole(
  request: FastifyRequest,
  reply: FastifyReply,
  { body, type, final }: { body: string | Buffer; type: string; final: boolean },
): FastifyReply {
  void reply.type(`${type}; charset=utf-8`);
  if (final && request.method !== 'POST') {
    const tag = `"${hash('sha256', body, 'base64url').slice(0, TAG_CHARACTERS)}"`;
    void reply.header('ETag', tag).header('Cache-Control', 'private, no-cache');
    if (isKnown(request.headers['if-none-match'], tag)) return reply.status(304).send();
  }
  return reply.send(body);
}

const TAG_CHARACTERS = 27;

/** Whether a tag is among those of `If-None-Match`; weak ones do as well (RFC 9110, 13.1.2). */
export function isKnown(header: string | undefined, tag: string): boolean {
  const known = header?.split(',').map((word) => word.trim().replace(/^W[/]/, ''));
  return known?.some((word) => word === tag || word === '*') ?? false;
}
