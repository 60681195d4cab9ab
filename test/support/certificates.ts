import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isRoot, NOBODY, serverFolder } from './server-process.ts';

/** A certificate of a server and who signed it. */
export interface Certificates {
  /** Paths. */
  readonly cert: string;
  readonly key: string;
  /** PEM. */
  readonly ca: string;
}

/** Makes a certificate for a host, such as `DNS:localhost`. */
export function certificatesOf(host: string): Certificates {
  const folder = serverFolder('certificates', NOBODY);
  const at = (name: string) => join(folder, name);
  const openssl = (...words: string[]) => execFileSync('openssl', words, { stdio: 'pipe' });
  const newKey = ['-newkey', 'rsa:2048', '-nodes'];
  openssl(
    ...['req', '-x509', ...newKey, '-keyout', at('ca.key'), '-out', at('ca.pem')],
    ...['-subj', '/CN=Daybook tests', '-days', '2'],
  );
  openssl(
    ...['req', ...newKey, '-keyout', at('key.pem'), '-out', at('request.pem')],
    ...['-subj', '/CN=database'],
  );
  writeFileSync(at('names'), `subjectAltName=${host}\n`);
  openssl(
    ...['x509', '-req', '-in', at('request.pem'), '-CA', at('ca.pem'), '-CAkey', at('ca.key')],
    ...['-CAcreateserial', '-out', at('cert.pem'), '-days', '2', '-extfile', at('names')],
  );
  chmodSync(at('key.pem'), 0o600);
  if (isRoot) chownSync(at('key.pem'), NOBODY, NOBODY);
  return { cert: at('cert.pem'), key: at('key.pem'), ca: readFileSync(at('ca.pem'), 'utf8') };
}
