import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Run } from '../core/run-history.ts';
import { writers } from '../writers/index.ts';
import type { RunFile } from './report-runs.ts';
import { isKnown } from './send-whole.ts';

/** Answers with the file of a run. Where its bytes turn out to be others, the connection is cut before the last of them. */
export function sendFile(
  request: FastifyRequest,
  reply: FastifyReply,
  { parameters: { format } }: Pick<Run, 'parameters'>,
  file: RunFile,
): FastifyReply {
  const { digest, sizeBytes, key } = file;
  const tag = `"${digest}"`;
  const headers = {
    ETag: tag,
    'Cache-Control': 'private, no-cache',
    'Content-Digest': `sha-256=:${Buffer.from(digest, 'hex').toString('base64')}:`,
    'Content-Disposition': dispositionOf(basename(key)),
  };
  void reply.headers(headers);
  // They may fail before they are read, and are not for who asks for the head only: whoever reads them is told none the less.
  file.bytes.on('error', () => {});
  const letGo = () => {
    file.bytes.destroy();
    void file.archive.close().catch(() => {});
  };
  if (isKnown(request.headers['if-none-match'], tag)) {
    letGo();
    return reply.status(304).send();
  }
  // Who asks for the head only gets none of it, and nothing is read.
  const bytes = request.method === 'HEAD' ? [] : checked(file);
  const body = Readable.from(bytes, { objectMode: false }).once('close', letGo);
  // Where nothing was sent yet, what is wrong is told instead, which is no file.
  body.once('error', () => {
    for (const name of Object.keys(headers)) reply.removeHeader(name);
  });
  const known = typeof format === 'string' && Object.hasOwn(writers, format);
  const type = known
    ? writers[format as keyof typeof writers].mediaType
    : 'application/octet-stream';
  return reply.type(type).header('Content-Length', sizeBytes).send(body);
}

/** The bytes of a file; the last of them when it is known that all are right. */
async function* checked({ bytes, digest }: RunFile): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256');
  let held: Uint8Array | undefined;
  for await (const piece of bytes as AsyncIterable<Uint8Array>) {
    hash.update(piece);
    if (held) yield held;
    held = piece;
  }
  if (hash.digest('hex') !== digest) throw new Error('the file was changed while it was read');
  if (held) yield held;
}

/** The name of a file, in words that a header can have (RFC 6266), and no path. */
function dispositionOf(name: string): string {
  const plain = name.replaceAll(/[^\w.-]+/g, '_');
  const encoded = encodeURIComponent(name.toWellFormed()).replaceAll(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`;
}
