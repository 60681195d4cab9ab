import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer } from 'node:net';
import { describe, test } from 'node:test';
import { S3 } from '@aws-sdk/client-s3';
import type { S3ArchiveOptions } from '../../src/destinations/s3-archive.ts';
import { s3Archive } from '../../src/destinations/s3-archive.ts';
import { by, renderedReports } from '../support/archive-suite.ts';
import { type BucketUse, openBucket } from '../support/bucket.ts';
import { cuttingProxy } from '../support/cutting-proxy.ts';
import { needsS3, s3Server } from '../support/s3-server.ts';

const MANY_BYTES = 8 * 2 ** 20;
const IN_PARTS = { mostBytesAtOnce: 1, partBytes: 5 * 2 ** 20 };
const WAYS = [
  { way: 'at once', options: {} },
  { way: 'in parts', options: IN_PARTS },
] as const;

describe('s3Archive', needsS3(), () => {
  const reports = renderedReports();
  const report = () => reports.of('row\n'.repeat(MANY_BYTES / 4));

  for (const { way, options } of WAYS) {
    test(`puts a report ${way} although the connection breaks in mid-upload`, async () => {
      await using use = await openBucket(options);
      await using proxy = await cuttingProxy(await port(), { afterBytes: 2 ** 20, times: 1 });
      await using through = opened(use, proxy);
      const expected = report();
      assert.equal(await through.archive.put(expected, 'k', by('r')), 'written');
      assert.equal(proxy.cuts, 1);
      assert.equal((await use.bytesAt('k')).length, expected.sizeBytes);
      assert.equal((await use.archive.find('k'))?.digest, expected.digest);
    });

    test(`leaves nothing of a report ${way} whose connection always breaks`, async () => {
      await using use = await openBucket(options);
      const faults = { afterBytes: 2 ** 20, times: Number.POSITIVE_INFINITY };
      await using proxy = await cuttingProxy(await port(), faults);
      await using through = opened(use, proxy);
      await assert.rejects(through.archive.put(report(), 'k', by('r')), {
        code: 'DESTINATION_UNWRITABLE',
        message: `cannot write s3://${use.options.bucket}/k: the connection broke, also when tried again; try again later`,
      });
      assert.ok(proxy.cuts > 1);
      assert.deepEqual(await use.names(), []);
    });

    test(`knows a report ${way} for its own when the answer is lost`, async () => {
      await using use = await openBucket(options);
      const faults = { afterBytes: 2 ** 20, times: 1, answers: true };
      await using proxy = await cuttingProxy(await port(), faults);
      await using through = opened(use, proxy);
      assert.equal(await through.archive.put(report(), 'k', by('r')), 'written');
      assert.equal(proxy.cuts, 1);
    });

    test(`has a report ${way} whatever single answer is lost`, async () => {
      await using use = await openBucket(options);
      const small = reports.of('row\n');
      for (const [i, afterBytes] of [0, 500, 1000, 1500, 2500, 4000].entries()) {
        const faults = { afterBytes, times: 1, answers: true };
        await using proxy = await cuttingProxy(await port(), faults);
        await using through = opened(use, proxy);
        const key = `${i}`;
        assert.equal(await through.archive.put(small, key, by('r')), 'written', `${afterBytes}`);
        assert.equal((await use.bytesAt(key)).toString(), 'row\n');
      }
      assert.deepEqual(
        (await use.names()).filter((name) => name.startsWith('open upload')),
        [],
        '',
      );
    });

    test(`tells of wrong keys, and leaves nothing of a report ${way}`, async () => {
      await using use = await openBucket(options);
      for (const [wrong, told] of [
        [{ secretAccessKey: 'sesame' }, 'the secret key is wrong (403); check secret_access_key'],
        [
          { accessKeyId: 'ali' },
          'the service does not know the access key (403); check access_key_id',
        ],
      ] as const) {
        await using stranger = opened(use, wrong);
        const place = `s3://${use.options.bucket}/k`;
        await assert.rejects(stranger.archive.put(reports.of('row\n'), 'k', by('r')), {
          code: 'DESTINATION_UNWRITABLE',
          message: `cannot write ${place}: ${told}`,
        });
        await assert.rejects(stranger.archive.find('k'), {
          code: 'DESTINATION_UNWRITABLE',
          message: `cannot read ${place}: access is denied (403); check the keys, and that they may read and write there`,
        });
      }
      assert.deepEqual(await use.names(), []);
    });
  }

  test('asks the environment for keys where it is given none, and tells that there are none', async () => {
    await using use = await openBucket();
    const none = { accessKeyId: undefined, secretAccessKey: undefined };
    const { accessKeyId, secretAccessKey } = use.options;
    const nowhere = {
      AWS_CONFIG_FILE: '/dev/null',
      AWS_SHARED_CREDENTIALS_FILE: '/dev/null',
      AWS_EC2_METADATA_DISABLED: 'true',
    };
    {
      using _ = environment({
        ...nowhere,
        AWS_ACCESS_KEY_ID: accessKeyId,
        AWS_SECRET_ACCESS_KEY: secretAccessKey,
      });
      await using asked = opened(use, none);
      assert.equal(await asked.archive.put(reports.of('row\n'), 'k', by('r')), 'written');
    }
    using _ = environment({
      ...nowhere,
      AWS_ACCESS_KEY_ID: undefined,
      AWS_SECRET_ACCESS_KEY: undefined,
      AWS_PROFILE: undefined,
    });
    await using asked = opened(use, none);
    await assert.rejects(asked.archive.put(reports.of('row\n'), 'l', by('r')), {
      code: 'DESTINATION_UNWRITABLE',
      message: /there are no credentials; set AWS_ACCESS_KEY_ID/,
    });
  });

  test('tells that there is no such bucket', async () => {
    await using use = await openBucket();
    await using lost = opened(use, { bucket: 'no-such-bucket' });
    const told =
      's3://no-such-bucket/k: there is no such bucket (404); make it, or check its name and region';
    const put = lost.archive.put(reports.of('row\n'), 'k', by('r'));
    await assert.rejects(put, { message: `cannot write ${told}` });
    await assert.rejects(lost.archive.find('k'), { message: `cannot read ${told}` });
  });

  test('tells that nobody answers', async () => {
    await using use = await openBucket();
    await using down = opened(use, { endpoint: 'http://127.0.0.1:1' });
    await assert.rejects(down.archive.put(reports.of('row\n'), 'k', by('r')), {
      code: 'DESTINATION_UNWRITABLE',
      message: /nobody answers there \(connection refused\)/,
    });
  });

  test('tells that no answer comes', async () => {
    await using use = await openBucket();
    await using silent = await silentServer();
    await using slow = opened(use, { endpoint: silent.endpoint, timeoutMs: 100 });
    await assert.rejects(slow.archive.put(reports.of('row\n'), 'k', by('r')), {
      code: 'DESTINATION_UNWRITABLE',
      message: /no answer in time/,
    });
  });

  test('gives up at once where something stands that its keys may not look at', async () => {
    let puts = 0;
    const server = createHttpServer((request, response) => {
      if (request.method === 'PUT') puts++;
      request.resume().once('end', () => {
        if (request.method !== 'PUT') response.writeHead(403).end();
        else response.writeHead(412).end('<Error><Code>PreconditionFailed</Code></Error>');
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port: own } = server.address() as AddressInfo;
    const keys = { accessKeyId: 'a', secretAccessKey: 'b' };
    const archive = s3Archive({ bucket: 'b', endpoint: `http://127.0.0.1:${own}`, ...keys });
    await assert.rejects(archive.put(reports.of('row\n'), 'k', by('r')), {
      message: /something stands there that these keys may not look at/,
    });
    assert.equal(puts, 1);
    await archive.close();
    server.close();
  });

  test('sees that a report is not what it was rendered as', async () => {
    await using use = await openBucket();
    const changed = { ...reports.of('row\n'), digest: reports.of('own\n').digest };
    await assert.rejects(use.archive.put(changed, 'k', by('r')), { message: /was damaged/ });
    assert.deepEqual(await use.names(), []);
  });

  test('does not replace what comes in between', async () => {
    await using use = await openBucket(IN_PARTS);
    for (const before of [undefined, 'old\n']) {
      const key = `${before}`;
      if (before) await use.place(key, before);
      const onDraft = () => use.place(key, 'of a third\n');
      const put = use.archive.put(reports.of('new\n'), key, { ...by('r', true), onDraft });
      await assert.rejects(put, { message: /was replaced by somebody else/ });
      assert.equal((await use.bytesAt(key)).toString(), 'of a third\n');
    }
    assert.deepEqual(await use.names(), ['old\n', 'undefined'].sort());
  });

  test('leaves nothing of a report in parts that is replaced, whatever single answer is lost', async () => {
    await using use = await openBucket(IN_PARTS);
    for (const afterBytes of [1500, 2500, 3500, 4500]) {
      const key = `${afterBytes}`;
      await use.archive.put(reports.of('old\n'), key, by('old'));
      await using proxy = await cuttingProxy(await port(), { afterBytes, times: 1, answers: true });
      await using through = opened(use, proxy);
      const put = through.archive.put(reports.of('new\n'), key, by('new', true));
      assert.equal(await put, 'written', key);
      const names = (await use.names()).filter((name) => name.startsWith(`${key}`));
      assert.deepEqual(names, [key, `${key}.parts/new`]);
    }
  });

  for (const { way, options } of WAYS)
    test(`clears away at the next start what a report ${way} replaced, and never before`, async () => {
      await using use = await openBucket(IN_PARTS);
      await use.archive.put(reports.of('old\n'), 'k', by('old'));
      const drafts: string[] = [];
      const onDraft = async (draft: string) => {
        drafts.push(draft);
        await use.archive.clear(draft);
        assert.equal((await use.bytesAt('k')).toString(), 'old\n');
      };
      const other = s3Archive({ ...use.options, mostBytesAtOnce: 2 ** 30, ...options });
      await other.put(reports.of('new\n'), 'k', { ...by('new', true), onDraft });
      await other.close();
      const names = await use.names();
      assert.deepEqual(names, way === 'at once' ? ['k'] : ['k', 'k.parts/new']);
      await use.place('k.parts/old', 'old\n'); // as if it had been killed before it cleared that away
      await use.archive.clear(drafts[0]!);
      assert.deepEqual(await use.names(), names);
    });

  test('clears away nothing that a manifest of others names', async () => {
    await using use = await openBucket();
    await use.place('of others.parts/r', 'row\n');
    const { digest: sha256, sizeBytes } = reports.of('row\n');
    await use.s3.putObject({
      Bucket: use.options.bucket,
      Key: 'k',
      Body: JSON.stringify({ parts: 'of others.parts/r', sizeBytes, sha256 }),
      ContentType: 'application/vnd.daybook.parts+json',
    });
    assert.equal((await use.archive.find('k'))?.digest, sha256);
    assert.equal(await use.archive.put(reports.of('new\n'), 'k', by('r', true)), 'written');
    assert.deepEqual(await use.names(), ['k', 'of others.parts/r']);
  });

  for (const [how, options] of [
    ['at once', {}],
    ['in parts', IN_PARTS],
  ] as const) {
    test(`reads what was put ${how} itself where it is asked to, whatever is told of it`, async () => {
      await using use = await openBucket(options);
      const [told, bytes] = [reports.of('row\n'), reports.of('wor\n')];
      await use.archive.put(told, 'k', by('r'));
      assert.equal((await use.archive.find('k', { read: true }))?.digest, told.digest);
      const Key = how === 'at once' ? 'k' : 'k.parts/r';
      const Metadata = { sha256: told.digest };
      await use.s3.putObject({ Bucket: use.options.bucket, Key, Body: 'wor\n', Metadata });
      assert.equal((await use.archive.find('k'))?.digest, told.digest);
      const { digest, sizeBytes } = bytes;
      assert.deepEqual(await use.archive.find('k', { read: true }), { digest, sizeBytes });
      assert.equal(await use.archive.find('none', { read: true }), undefined);
    });
  }

  test('reads what others have put only where it may be the same', async ({ mock }) => {
    await using use = await openBucket();
    const read = mock.method(S3.prototype, 'getObject');
    const report = reports.of('new\n');
    for (const [there, isRead] of [
      ['longer\n', false],
      ['old\n', true],
    ] as const) {
      await use.place('k', there);
      await assert.rejects(use.archive.put(report, 'k', by('r')), { message: /has other content/ });
      assert.equal(await use.archive.put(report, 'k', by('r', true)), 'written');
      assert.equal(read.mock.callCount() > 0, isRead);
    }
    await use.place('k', 'same\n');
    read.mock.resetCalls();
    assert.equal(await use.archive.put(reports.of('same\n'), 'k', by('r')), 'unchanged');
    assert.equal((await use.archive.find('k', { read: true }))?.sizeBytes, 5);
    await use.archive.clear('k.parts/r');
    assert.equal(read.mock.callCount(), 2);
  });

  test('takes a manifest without its parts for other content', async () => {
    await using use = await openBucket(IN_PARTS);
    const report = reports.of('row\n');
    await use.archive.put(report, 'k', by('r'));
    await use.s3.deleteObject({ Bucket: use.options.bucket, Key: 'k.parts/r' });
    assert.notEqual((await use.archive.find('k'))?.digest, report.digest);
    await assert.rejects(use.archive.put(report, 'k', by('s')), { message: /has other content/ });
    assert.equal(await use.archive.put(report, 'k', by('s', true)), 'written');
    assert.equal((await use.bytesAt('k')).toString(), 'row\n');
  });
});

async function port(): Promise<number> {
  return (await s3Server()).port;
}

/** The same bucket, reached in another way. */
function opened(use: BucketUse, changes: Partial<S3ArchiveOptions>) {
  const { endpoint, bucket, secretAccessKey, accessKeyId, timeoutMs } = {
    ...use.options,
    ...changes,
  };
  const settings = { endpoint, bucket, secretAccessKey, accessKeyId, timeoutMs };
  const archive = s3Archive({ ...use.options, ...settings });
  return { archive, [Symbol.asyncDispose]: () => archive.close() };
}

/** Has variables of this process set, or unset, for a while. */
function environment(variables: Readonly<Record<string, string | undefined>>): Disposable {
  const before = Object.keys(variables).map((name) => [name, process.env[name]] as const);
  const set = (name: string, value: string | undefined) => {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  };
  for (const [name, value] of Object.entries(variables)) set(name, value);
  return {
    [Symbol.dispose]() {
      for (const [name, value] of before) set(name, value);
    },
  };
}

/** A server that takes connections, and says nothing. */
async function silentServer() {
  const server = createServer((socket) => socket.on('error', () => {}).resume());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (typeof address !== 'object' || !address) throw new Error('no port');
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    [Symbol.asyncDispose]: async () => void server.close(),
  };
}
