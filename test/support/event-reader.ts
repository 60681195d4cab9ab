import assert from 'node:assert/strict';

/** A server-sent event. */
export interface ReadEvent {
  readonly event: string;
  readonly id: string;
  readonly data: Record<string, unknown>;
}

/** Reads server-sent events, one after the other. */
export class EventReader implements AsyncDisposable {
  /** The last id that was told, as who reconnects sends it. */
  lastId = '';
  /** Comments so far. */
  comments = 0;
  readonly #texts: AsyncIterator<string>;
  readonly #abort: AbortController;
  #rest = '';

  private constructor(body: ReadableStream<Uint8Array>, abort: AbortController) {
    this.#texts = textsOf(body);
    this.#abort = abort;
  }

  /** Connects, and waits until it is told where it stands. */
  static async open(url: string, headers: Record<string, string> = {}): Promise<EventReader> {
    const abort = new AbortController();
    const answer = await fetch(url, { headers, signal: abort.signal });
    assert.equal(answer.status, 200, `${answer.status} ${url}`);
    assert.match(answer.headers.get('content-type')!, /^text\/event-stream\b/);
    const reader = new EventReader(answer.body!, abort);
    assert.match((await reader.#block())!, /^retry: [0-9]+\nid: \S+$/);
    return reader;
  }

  /** The next event; undefined where the stream has ended. */
  async next(): Promise<ReadEvent | undefined> {
    for (;;) {
      const fields = await this.#fields();
      if (fields === undefined) return undefined;
      if (fields.has('data'))
        return {
          event: fields.get('event')!,
          id: fields.get('id')!,
          data: JSON.parse(fields.get('data')!) as ReadEvent['data'],
        };
    }
  }

  /** Waits for a comment, where there are no events. */
  async beat(): Promise<void> {
    const fields = await this.#fields();
    assert.ok(fields?.has(''), JSON.stringify([...(fields ?? [])]));
  }

  async #fields(): Promise<Map<string, string> | undefined> {
    const block = await this.#block();
    if (block === undefined) return undefined;
    const fields = new Map(
      block.split('\n').map((line) => {
        const [, name = '', value = ''] = /^(.*?): (.*)$/s.exec(line)!;
        return [name, value];
      }),
    );
    if (fields.has('')) this.comments++;
    return fields;
  }

  /** So many events. */
  async take(count: number): Promise<ReadEvent[]> {
    const events: ReadEvent[] = [];
    while (events.length < count) {
      const event = await this.next();
      assert.ok(event, `the stream has ended behind ${JSON.stringify(events)}`);
      events.push(event);
    }
    return events;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#abort.abort();
  }

  /** Up to the next empty line. */
  async #block(): Promise<string | undefined> {
    while (!this.#rest.includes('\n\n')) {
      const { done, value } = await this.#texts.next();
      if (done) return undefined;
      this.#rest += value;
    }
    const [block] = this.#rest.split('\n\n', 1) as [string];
    this.#rest = this.#rest.slice(block.length + 2);
    this.lastId = /^id: (.*)$/m.exec(block)?.[1] ?? this.lastId;
    return block;
  }
}

async function* textsOf(body: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  for await (const bytes of body) yield decoder.decode(bytes, { stream: true });
}
