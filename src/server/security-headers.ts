import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import helmet from 'helmet';

/** Headers that have browsers be careful with every answer: helmet's, which are the same for all, as lines of its head. */
export const SECURITY_HEADERS: string = securityHeaders();

function securityHeaders(): string {
  const request = new IncomingMessage(new Socket());
  const response = new ServerResponse(request);
  // Plain HTTP behind a host name must not be turned into HTTPS.
  const directives = { upgradeInsecureRequests: null };
  helmet({ contentSecurityPolicy: { directives } })(request, response, () => {});
  const headers = Object.entries(response.getHeaders());
  return headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
}

/** How Node.js writes the head of an answer: its types do not know. */
interface HeadWriter {
  _storeHeader(this: ServerResponse, statusLine: string, headers: unknown): void;
}

const { _storeHeader: storeHeader } = ServerResponse.prototype as unknown as HeadWriter;
if (!storeHeader) throw new Error(`Node.js ${process.version} writes heads of answers otherwise`);

/**
 * An answer with `SECURITY_HEADERS`, whoever makes it. They are written as they are: to set each of them, which checks it once more,
 * took an eighth of all the time of a small answer.
 */
export class SecureResponse<
  Request extends IncomingMessage = IncomingMessage,
> extends ServerResponse<Request> {
  _storeHeader(statusLine: string, headers: unknown): void {
    storeHeader.call(this, statusLine + SECURITY_HEADERS, headers);
  }
}
