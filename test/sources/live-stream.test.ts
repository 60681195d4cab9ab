import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { DaybookError } from '../../src/core/errors.ts';
import { JoinedSources } from '../../src/sources/joined-sources.ts';
import { LiveStream } from '../../src/sources/live-stream.ts';
import { StreamReader } from '../../src/sources/stream-reader.ts';
import { following, LineFollower, newFolder } from '../support/live.ts';
import { needsProgram } from '../support/needs.ts';

const BROKEN = new DaybookError('SOURCE_UNREADABLE', 'broken');

describe('a stream', () => {
  test('is read as it comes, and a last line when it has ended', async () => {
    const pipe = new Readable({ read() {} });
    await using follower = new LineFollower(streamOf(pipe));
    await follower.read();
    assert.deepEqual(follower.source.finished, false);
    pipe.push('one\ntwo');
    await follower.untilLines(1);
    pipe.push('\nthree');
    await follower.untilLines(2);
    pipe.push(null);
    await follower.untilLines(3);
    assert.deepEqual([follower.lines, follower.ends], [['one', 'two', 'three'], ['whole']]);
    assert.ok(follower.source.finished);
    assert.deepEqual(follower.source.marks(), []);
    assert.deepEqual(await follower.inputs[0]!.input.head(10), new Uint8Array(0));
  });

  test('is read no faster than it is taken', async () => {
    let given = 0;
    const piece = Buffer.alloc(1 << 16, 'line\n');
    const pipe = new Readable({
      read() {
        given += piece.length;
        this.push(given > 16 << 20 ? null : piece);
      },
    });
    await using follower = new LineFollower(streamOf(pipe));
    const [input] = await follower.source.arrivals();
    for (let i = 0; i < 1000; i++) await turn();
    assert.ok(given < 2 << 20, `${given}`);
    const { signal } = new AbortController();
    let taken = 0;
    for (const into = new Uint8Array(100_000); input!.end === undefined; ) {
      const count = await input!.read(into);
      taken += count;
      if (count === 0) await follower.source.changed(1000, signal);
    }
    assert.equal(taken, 16 << 20);
  });

  test('is decompressed', async () => {
    const follower = new LineFollower(streamOf(Readable.from([gzipSync('1\n2\n')])));
    await follower.untilLines(2);
    await follower.until(() => follower.ends[0] === 'whole');
  });

  test('says that it broke when all that came before is read', async () => {
    async function* broken() {
      yield Buffer.from('one\ntwo');
      throw new Error('wire cut');
    }
    const follower = new LineFollower(streamOf(Readable.from(broken())));
    await follower.until(() => follower.ends[0] !== undefined);
    assert.deepEqual([follower.lines, follower.ends], [['one'], ['cut']]);
    assert.deepEqual(follower.inputs[0]!.failures, ['cannot read feed: wire cut']);
    assert.ok(follower.source.finished);
  });

  test('breaks for itself', async () => {
    const reader = { consumedBytes: 0, read: async () => Promise.reject(BROKEN), close() {} };
    const whole = streamOf(Readable.from([Buffer.from('one\n')]));
    const source = new JoinedSources([new LiveStream('other', 1, reader), whole]);
    const follower = new LineFollower(source);
    await follower.until(() => source.finished && !follower.ends.includes(undefined));
    assert.deepEqual(follower.ends, ['cut', 'whole']);
    assert.deepEqual(follower.lines, ['one']);
    assert.deepEqual(follower.inputs[0]!.failures, [BROKEN.message]);
  });

  test('can be closed at any time', async () => {
    const source = streamOf(new Readable({ read() {} }));
    await source.arrivals();
    await source.close();
    for (let i = 0; i < 20; i++) await turn(); // whatever is left of it would fail now
  });

  test('is read beside files', needsProgram('mkfifo'), async () => {
    using folder = newFolder();
    const [path, pipe] = [folder.at('app.log'), folder.at('pipe')];
    writeFileSync(path, 'file 1\n');
    assert.equal(spawnSync('mkfifo', [pipe]).status, 0);
    const writer = spawn('sh', ['-c', 'echo pipe 1; read line; echo pipe 2'], {
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    const cat = spawn('sh', ['-c', 'cat > "$0"', pipe], {
      stdio: [writer.stdout!, 'ignore', 'ignore'],
    });
    const closed = once(cat, 'close');
    await using follower = await following([path, pipe]);
    await follower.untilLines(2);
    assert.deepEqual(follower.shown.toSorted(), [
      [path, ['file 1']],
      [pipe, ['pipe 1']],
    ]);
    writer.stdin!.end('go on\n');
    await follower.untilLines(3);
    await follower.until(() => follower.of(pipe).input.end === 'whole');
    appendFileSync(path, 'file 2\n');
    await follower.untilLines(4);
    assert.deepEqual(follower.inputs.map(({ input }) => input.rank).toSorted(), [0, 1]);
    assert.equal(follower.source.finished, false);
    await follower.source.settled(follower.of(path).input);
    assert.equal(follower.source.marks().length, 1);
    await closed;
  });
});

describe('standard input', () => {
  test('is followed to its end', async () => {
    const program = `
      import { LineFollower, following } from ${JSON.stringify(join(import.meta.dirname, '../support/live.ts'))};
      const follower = await following(['-', '-']);
      await follower.until(() => follower.source.finished && follower.ends[0] === 'whole');
      console.log(JSON.stringify([follower.shown, follower.ends]));
      await follower.source.close();`;
    const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
      input: gzipSync('1\n2\n3'),
      encoding: 'utf8',
    });
    assert.equal(stdout, '[[["-",["1","2","3"]]],["whole"]]\n', stderr);
  });
});

function streamOf(stream: Readable): LiveStream {
  const input = {
    name: 'feed',
    source: 'fake',
    encoding: 'unknown',
    splittable: false,
    replayable: false,
  } as const;
  return new LiveStream('feed', 0, new StreamReader(input, () => stream));
}
