import * as z from 'zod';
import { connectionOf, UnusableSetting } from './connection.ts';
import { path, text, wholeNumber } from './words.ts';

/** A database that reports ask: by its URL, or by the parts of one. */
export interface DatabaseSettings {
  readonly type: 'postgres' | 'mysql';
  readonly url?: string | undefined;
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly database?: string | undefined;
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  readonly ssl?: 'off' | 'required' | 'verify' | undefined;
  /** Path of certificates. */
  readonly ca?: string | undefined;
}

/** A database; its driver is loaded when it is asked. */
export const databaseSchema: z.ZodType<DatabaseSettings> = z
  .discriminatedUnion('type', [
    z.strictObject({
      type: z.literal('postgres').describe('PostgreSQL.'),
      ...address(/^postgres(ql)?:[/][/]./, 'postgres://user:password@host/database', 5432),
    }),
    z.strictObject({
      type: z.literal('mysql').describe('MySQL or MariaDB.'),
      ...address(/^(mysql|mariadb):[/][/]./, 'mysql://user:password@host/database', 3306),
    }),
  ])
  .check(connecting);

function connecting({ value, issues }: z.core.ParsePayload<DatabaseSettings>): void {
  if (issues.length > 0) return;
  try {
    connectionOf(value);
  } catch (error) {
    if (!(error instanceof UnusableSetting)) throw error;
    const { key, message } = error;
    // It may be that a password is not written as it should be, of which nothing is to be repeated.
    if (key === 'url') return;
    issues.push({ code: 'custom', message, path: [key], input: value[key] });
  }
}

function address(form: RegExp, example: string, port: number) {
  return {
    url: z
      .string()
      .regex(form, { error: `expected a URL such as ${example}` })
      .optional()
      .describe(`How to connect: ${example}. Passwords belong in variables.`),
    host: text.optional().describe('Instead of a URL: the host, or the path of a socket.'),
    port: wholeNumber(1, 65_535).optional().describe(`Its port; ${port} unless given.`),
    database: text.optional().describe('Name of the database on the server.'),
    user: text.optional().describe('Who to connect as; who runs Daybook, unless given.'),
    password: z.string().optional().describe('The password; it belongs in a variable.'),
    ssl: z
      .enum(['off', 'required', 'verify'])
      .optional()
      .describe(
        'Whether to encrypt; verify also proves that the host is who it says. Off unless given.',
      ),
    ca: path.optional().describe('File of certificates, in PEM, of who may prove that.'),
  };
}
