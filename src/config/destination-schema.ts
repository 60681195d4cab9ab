import * as z from 'zod';
import { keyProblem } from '../core/key-template.ts';
import { path, text, yesOrNo } from './words.ts';

/** An object in a bucket. */
interface S3Settings {
  readonly type: 's3';
  readonly bucket: string;
  /** What the object is called; `{as_of}` and the like are filled in for each run. */
  readonly key: string;
  readonly region?: string | undefined;
  /** URL of a service other than AWS. */
  readonly endpoint?: string | undefined;
  /** Whether the bucket stands in the path of URLs; true unless given where there is an endpoint. */
  readonly path_style?: boolean | undefined;
  /** Both or none: without them the usual places are asked, such as variables and roles. */
  readonly access_key_id?: string | undefined;
  readonly secret_access_key?: string | undefined;
  /** Replace what stands there with other content. */
  readonly overwrite: boolean;
}

/** A file on this machine. */
interface FileSettings {
  readonly type: 'file';
  /** The file; `{as_of}` and the like are filled in for each run. */
  readonly path: string;
  readonly overwrite: boolean;
}

/** Where a report goes to. */
export type DestinationSettings = S3Settings | FileSettings;

const overwrite = yesOrNo.prefault(false).describe('Replace what stands there with other content.');

/** Where a report goes to, by its type. */
export const destinationSchema: z.ZodType<DestinationSettings> = z
  .discriminatedUnion('type', [
    z.strictObject({
      type: z.literal('s3').describe('An object in S3.'),
      bucket: z
        .string()
        .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, { error: 'expected the name of a bucket' })
        .describe('The bucket.'),
      key: keyed(text).describe('Name of the object; {as_of} stands for the day of the report.'),
      region: text.optional().describe('Region of the bucket.'),
      endpoint: z
        .string()
        .regex(/^https?:[/][/]./, { error: 'expected a URL such as https://s3.example.com' })
        .optional()
        .describe('URL of a service other than AWS.'),
      path_style: yesOrNo
        .optional()
        .describe('Bucket in the path of URLs; true with an endpoint unless given.'),
      access_key_id: text
        .optional()
        .describe('Id of an access key; not needed where there is a role.'),
      secret_access_key: text.optional().describe('Its secret, which belongs in a variable.'),
      overwrite,
    }),
    z.strictObject({
      type: z.literal('file').describe('A file on this machine.'),
      path: keyed(path).describe('The file; {as_of} stands for the day of the report.'),
      overwrite,
    }),
  ])
  .check(agreeing);

/** A key without its secret, or a secret without its key, would be passed over without a word. */
function agreeing({ value, issues }: z.core.ParsePayload<DestinationSettings>): void {
  if (value.type !== 's3') return;
  const keys = ['access_key_id', 'secret_access_key'] as const;
  const [missing, ...more] = keys.filter((key) => value[key] === undefined);
  if (missing === undefined || more.length > 0) return;
  const given = missing === keys[0] ? keys[1] : keys[0];
  const message = `expected ${missing}, too, or neither: then variables and roles are asked`;
  issues.push({ code: 'custom', message, path: [given], input: value[given] });
}

/** Text in which `{as_of}` and the like stand for something. */
function keyed(schema: z.ZodType<string>) {
  return schema.refine((word) => keyProblem(word) === undefined, {
    error: ({ input }) => keyProblem(String(input)),
  });
}
