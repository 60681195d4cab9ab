import type { S3 } from '@aws-sdk/client-s3';
import { type S3ArchiveOptions, s3Archive } from '../../src/destinations/s3-archive.ts';
import { connectS3 } from '../../src/destinations/s3-client.ts';
import type { ArchiveUse } from './archive-suite.ts';
import { s3Server } from './s3-server.ts';

/** A bucket of a test, which may be looked at without the archive. */
export interface BucketUse extends ArchiveUse {
  readonly options: S3ArchiveOptions;
  readonly s3: S3;
}

/** Makes a bucket on the server that tests share, and opens it as an archive. */
export async function openBucket(options: Partial<S3ArchiveOptions> = {}): Promise<BucketUse> {
  const server = await s3Server();
  const Bucket = await server.newBucket();
  const s3 = await connectS3(server.access);
  const all = { ...server.access, bucket: Bucket, ...options };
  const archive = s3Archive(all);
  const textAt = async (key: string) => {
    const { Body, ContentType } = await s3.getObject({ Bucket, Key: key });
    return { bytes: Buffer.from(await Body!.transformToByteArray()), type: ContentType };
  };
  return {
    archive,
    options: all,
    s3,
    async names() {
      const { Contents = [] } = await s3.listObjectsV2({ Bucket });
      const { Uploads = [] } = await s3.listMultipartUploads({ Bucket });
      const uploads = Uploads.map(({ Key }) => `open upload of ${Key}`);
      return [...Contents.map(({ Key }) => Key!), ...uploads].sort();
    },
    async bytesAt(key) {
      const { bytes, type } = await textAt(key);
      const isManifest = type === 'application/vnd.daybook.parts+json';
      return isManifest ? (await textAt(JSON.parse(bytes.toString()).parts)).bytes : bytes;
    },
    async place(key, text) {
      await s3.putObject({ Bucket, Key: key, Body: text });
    },
    async [Symbol.asyncDispose]() {
      await archive.close();
      s3.destroy();
    },
  };
}
