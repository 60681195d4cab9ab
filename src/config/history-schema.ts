import * as z from 'zod';
import { name, text } from './words.ts';

/** Where runs of reports are entered. */
export type HistorySettings =
  | { readonly type: 'store' }
  | { readonly type: 'postgres'; readonly database: string; readonly table: string };

/** Where runs of reports are entered, by its type. */
export const historySchema: z.ZodType<HistorySettings> = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('store').describe("In the store's file.") }),
  z.strictObject({
    type: z.literal('postgres').describe('In a table of PostgreSQL.'),
    database: name.describe('Which of the databases.'),
    table: text
      .refine((word) => !/\p{Cc}/u.test(word), {
        error: 'expected a name without control characters',
      })
      .default('reports_generated')
      .describe('The table, which is made if it is not there; schema.table in another schema.'),
  }),
]);
