import { connect, type Socket } from 'node:net';

const HEAD_END = '\r\n\r\n';

/**
 * A connection that asks one question after the other: a fraction of the processor time that `node:http` takes, which the server
 * that is measured would lack.
 *
 * Answers have to tell their `Content-Length`.
 */
export class LeanClient {
  readonly #socket: Socket;
  readonly #host: string;
  /** What has come of the answer, a byte a character. */
  #answer = '';
  #settled: { resolve(status: number): void; reject(error: Error): void } | undefined;

  constructor(url: string) {
    const { hostname, port, host } = new URL(url);
    this.#host = host;
    this.#socket = connect({ host: hostname, port: Number(port), noDelay: true })
      .setEncoding('latin1')
      .on('data', (text: string) => this.#take(text))
      .on('error', (error) => this.#settled?.reject(error))
      .on('close', () => this.#settled?.reject(new Error('the server closed the connection')));
  }

  /** Asks for a path, and reads the answer to its end. Returns its status. */
  get(path: string): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#settled = { resolve, reject };
      const question = `GET ${path} HTTP/1.1\r\nHost: ${this.#host}\r\n\r\n`;
      this.#socket.write(question, (error) => error && reject(error));
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #take(text: string): void {
    this.#answer += text;
    const head = this.#answer.indexOf(HEAD_END);
    if (head < 0) return;
    const [, length] = /^content-length: (\d+)/im.exec(this.#answer) ?? [];
    if (this.#answer.length < head + HEAD_END.length + Number(length)) return;
    const status = Number(this.#answer.slice('HTTP/1.1 '.length, 'HTTP/1.1 200'.length));
    this.#answer = '';
    this.#settled?.resolve(status);
  }
}
