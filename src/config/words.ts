import * as z from 'zod';
import { parseDate, parseDuration, parseZone } from '../core/time.ts';

/** Text that says something. */
export const text: z.ZodType<string> = z.string().min(1, { error: 'expected text, not nothing' });

/** What a part of the configuration is called, and others refer to it by. */
export const name: z.ZodType<string, string> = z.string().regex(/^[A-Za-z][A-Za-z0-9_-]{0,62}$/, {
  error: 'expected a name: a letter, then letters, digits, - or _',
});

/** A path, or a pattern of paths; standard input is none. */
export const path: z.ZodType<string> = z.string().refine((word) => /^(?!-?$)[^\0]+$/.test(word), {
  error: 'expected the path of a file or folder',
});

/** A duration that `parseDuration` reads. */
export const duration: z.ZodType<string> = z
  .string()
  .refine(reads(parseDuration), { error: 'expected a duration such as 10s, 30m, 1h or 30d' })
  .meta({ pattern: '^[0-9]+[smhd]$' });

/** A zone that `parseZone` knows. */
export const zone: z.ZodType<string> = z
  .string()
  .refine(reads(parseZone), { error: 'expected a time zone such as UTC or Europe/Berlin' });

/** A day that `parseDate` reads, or where it is to be found. */
export const date: z.ZodType<string> = z
  .string()
  .refine((word) => word === 'from-name' || reads(parseDate)(word), {
    error: 'expected a day such as 2021-03-01, or from-name',
  })
  .meta({ pattern: '^([0-9]{4}-[0-9]{2}-[0-9]{2}|from-name)$' });

/** Unit of times that are bare numbers. */
export const timeUnit: z.ZodType<'s' | 'ms' | 'us'> = z.enum(['s', 'ms', 'us']);

/**
 * A whole number, which may be text as it comes from a variable.
 *
 * Its default is for `prefault`: the JSON Schema says nothing of another. So is that of `yesOrNo`.
 */
export function wholeNumber(least: number, most: number): z.ZodType<number> {
  const error = `expected a whole number from ${least} to ${most}`;
  return z.preprocess(
    (word) => (typeof word === 'string' && /^[0-9]{1,15}$/.test(word) ? Number(word) : word),
    z.int({ error }).min(least, { error }).max(most, { error }),
  );
}

/** True or false, which may be text as it comes from a variable. */
export const yesOrNo: z.ZodType<boolean> = z.preprocess(
  (word) => (word === 'true' ? true : word === 'false' ? false : word),
  z.boolean({ error: 'expected true or false' }),
);

function reads(parse: (word: string) => unknown): (word: string) => boolean {
  return (word) => {
    try {
      parse(word);
      return true;
    } catch {
      return false;
    }
  };
}
