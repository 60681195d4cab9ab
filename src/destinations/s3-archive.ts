import type { Archive } from '../core/archive.ts';

/** Where a bucket is, and who asks. */
export interface S3Options {
  readonly bucket: string;
  readonly region?: string | undefined;
  /** URL of a service other than AWS. */
  readonly endpoint?: string | undefined;
  /** Whether the bucket stands in the path of URLs; true unless given where there is an endpoint. */
  readonly pathStyle?: boolean | undefined;
  readonly accessKeyId?: string | undefined;
  readonly secretAccessKey?: string | undefined;
  /** Larger reports are put in parts; at most the 5 GiB that S3 takes at once. */
  readonly wholeLimitBytes?: number | undefined;
}

/** Reports as objects in a bucket, each whole or absent. */
export function s3Archive({ bucket }: S3Options): Archive {
  throw new Error(`not yet: ${bucket}`);
}
