import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { POSTED } from '../../../src/config/posted-stream.ts';
import { booksOf } from '../../../src/core/books.ts';
import { DaybookError } from '../../../src/core/errors.ts';
import type { Store } from '../../../src/core/store.ts';
import { readPosted } from '../../../src/decoders/posted-events.ts';
import {
  EventWriter,
  type PostAnswer,
  type PostRequest,
} from '../../../src/pipeline/ingest/event-writer.ts';
import { stores } from '../../../src/stores/index.ts';

/** A request of events, each by its id and what is in it. */
function requestOf(
  events: readonly (readonly [id: string, data?: number])[],
  others: Partial<PostRequest> = {},
): PostRequest {
  const bodies = events.map(([id, data = 1]) => {
    return { specversion: '1.0', source: 's', type: 't', subject: 'acme', id, data };
  });
  const bytes = Buffer.from(JSON.stringify(bodies));
  return { bytes, form: 'array', arrived: 5, isAtomic: false, ...others };
}

/** What became of requests, in few words. */
function shown(answers: readonly (PostAnswer | DaybookError)[]): string[] {
  return answers.map((answer) =>
    answer instanceof DaybookError
      ? `failed: ${answer.message}`
      : `${answer.status}: ${answer.outcomes}`,
  );
}

/** A writer into a store in memory, whose commits are counted. */
function opened({ mock }: TestContext) {
  const store: Store = stores.memory({ keep: 'events' });
  const commits = mock.method(store, 'commit');
  const writer = new EventWriter({ store, stream: POSTED, read: readPosted, now: () => 7 });
  const counted = async () => booksOf(await store.inputs(POSTED.name)).counted;
  return { store, commits: commits.mock, writer, counted };
}

describe('what is posted at the same time', () => {
  test('is one commit, and each request has its own answer', async (context) => {
    const { writer, commits, counted } = opened(context);
    const answers = await writer.write([
      requestOf([['1'], ['2']]),
      requestOf([['2'], ['3']]),
      requestOf([['3', 500], ['4']]),
      requestOf([['']]),
      requestOf([]),
    ]);
    assert.deepEqual(shown(answers), [
      'kept: counted,counted',
      'kept: duplicate,counted',
      'kept: conflict,counted',
      'kept: rejected',
      'kept: ',
    ]);
    assert.deepEqual([commits.callCount(), await counted()], [1, 4]);
  });

  test('is kept whole or not at all where that is asked for, behind all others', async (context) => {
    const { writer, commits, counted } = opened(context);
    const isAtomic = true;
    const answers = await writer.write([
      requestOf([['1', 500], ['2']], { isAtomic }),
      requestOf([['3'], ['']], { isAtomic }),
      requestOf([['4'], ['1']], { isAtomic }),
      requestOf([['1']]),
    ]);
    assert.deepEqual(shown(answers), [
      'refused: conflict,refused',
      'refused: refused,rejected',
      'kept: counted,duplicate',
      'kept: counted',
    ]);
    assert.deepEqual([commits.callCount(), await counted()], [3, 2]);
  });

  test('of others than the key is for is kept by none of their request, and all of the next', async (context) => {
    const { writer, counted } = opened(context);
    const subjects = ['globex'];
    const answers = await writer.write([
      requestOf([['1'], ['2']], { subjects }),
      requestOf([['3']]),
    ]);
    assert.deepEqual(shown(answers), ['forbidden: ', 'kept: counted']);
    assert.equal(await counted(), 1);
  });

  test('fails together where it cannot be written, and counts once when it is sent again', async (context) => {
    const { writer, commits, counted, store } = opened(context);
    await writer.write([requestOf([['0']])]);
    const full = new DaybookError('STORE_UNUSABLE', 'the disk is full');
    commits.mockImplementationOnce(() => Promise.reject(full), 1);
    const sent = [
      requestOf([['1'], ['2']]),
      requestOf([['3']]),
      requestOf([['4']], { isAtomic: true }),
    ];
    assert.deepEqual(shown(await writer.write(sent)), [
      'failed: the disk is full',
      'failed: the disk is full',
      'kept: counted',
    ]);
    assert.equal(await counted(), 2);
    assert.deepEqual(shown(await writer.write(sent)), [
      'kept: counted,counted',
      'kept: counted',
      'kept: duplicate',
    ]);
    assert.equal(await counted(), 5);
    // What became of the commit was not known: so another input goes on.
    assert.equal((await store.inputs(POSTED.name)).length, 2);
  });

  test('that cannot be read fails alone', async (context) => {
    const { writer, counted } = opened(context);
    const torn = requestOf([], { bytes: Buffer.from('[{"id":') });
    const [failed, kept] = shown(await writer.write([torn, requestOf([['1']])]));
    assert.match(failed!, /^failed: the body is not JSON/);
    assert.deepEqual([kept, await counted()], ['kept: counted', 1]);
  });
});
