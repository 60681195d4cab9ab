import * as z from 'zod';
import { path, text } from './words.ts';

/** Where a report goes to. */
export type DestinationSettings =
  | {
      readonly type: 's3';
      readonly bucket: string;
      readonly key: string;
      readonly region?: string | undefined;
      readonly endpoint?: string | undefined;
    }
  | { readonly type: 'file'; readonly path: string };

/** Where a report goes to, by its type. */
export const destinationSchema: z.ZodType<DestinationSettings> = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('s3').describe('An object in S3.'),
    bucket: text.describe('The bucket.'),
    key: text.describe('Name of the object; {as_of} stands for the day of the report.'),
    region: text.optional().describe('Region of the bucket.'),
    endpoint: text.optional().describe('URL of a service other than AWS.'),
  }),
  z.strictObject({
    type: z.literal('file').describe('A file on this machine.'),
    path: path.describe('The file; {as_of} stands for the day of the report.'),
  }),
]);
