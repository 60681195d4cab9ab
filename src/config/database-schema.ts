import * as z from 'zod';

/** A database that reports ask. */
export interface DatabaseSettings {
  readonly type: 'postgres' | 'mysql';
  readonly url: string;
}

/** A database; its driver is loaded when it is asked. */
export const databaseSchema: z.ZodType<DatabaseSettings> = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('postgres').describe('PostgreSQL.'),
    url: url(/^postgres(ql)?:[/][/]./, 'postgres://user:password@host/database'),
  }),
  z.strictObject({
    type: z.literal('mysql').describe('MySQL or MariaDB.'),
    url: url(/^(mysql|mariadb):[/][/]./, 'mysql://user:password@host/database'),
  }),
]);

function url(form: RegExp, example: string) {
  return z
    .string()
    .regex(form, { error: `expected a URL such as ${example}` })
    .describe(`How to connect: ${example}. Passwords belong in variables.`);
}
