import { IncomingMessage, type OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import helmet from 'helmet';

/** Headers that have browsers be careful with every answer: helmet's, which are the same for all, made once. */
export function securityHeaders(): OutgoingHttpHeaders {
  const request = new IncomingMessage(new Socket());
  const response = new ServerResponse(request);
  // Plain HTTP behind a host name must not be turned into HTTPS.
  const directives = { upgradeInsecureRequests: null };
  helmet({ contentSecurityPolicy: { directives } })(request, response, () => {});
  return response.getHeaders();
}
