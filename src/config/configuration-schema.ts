import * as z from 'zod';
import type { Configuration } from './configuration.ts';
import { databaseSchema } from './database-schema.ts';
import { historySchema } from './history-schema.ts';
import { meterSchema } from './meter-schema.ts';
import { isMapping } from './problems.ts';
import { reportSchema } from './report-schema.ts';
import { sourceSchema } from './source-schema.ts';
import { name, path, text, wholeNumber } from './words.ts';

const SQLITE = z.strictObject({
  type: z.literal('sqlite').default('sqlite').describe('One file, and no server.'),
  path: path.default('daybook.db').describe('The file.'),
  keep: z
    .enum(['events', 'rollups'])
    .default('events')
    .describe('Every event, or only counts by minute and hour.'),
});

/** Kinds of stores by their type, which may be left out for the usual one. */
const STORE = z.preprocess(
  (store) => (isMapping(store) && !('type' in store) ? { type: 'sqlite', ...store } : store),
  z.discriminatedUnion('type', [SQLITE]),
);

/** The shape of a configuration; `${VARIABLES}` are filled in before. */
export const configurationSchema: z.ZodType<Configuration> = z.strictObject({
  store: STORE.prefault({}).describe('Where what was read is kept.'),
  sources: named(sourceSchema).describe('Where records come from, by a name of your choice.'),
  databases: named(databaseSchema).describe('Databases that reports ask, by a name.'),
  meters: z.array(meterSchema).default([]).describe('What is counted of events.'),
  reports: named(reportSchema).describe('Reports that are made again and again, by a name.'),
  history: historySchema
    .default({ type: 'store' })
    .describe('Where runs of reports are entered; in the store unless given.'),
  server: z
    .strictObject({
      host: text.default('127.0.0.1').describe('Address to listen at.'),
      port: wholeNumber(0, 65_535).prefault(8000).describe('Port to listen at; 0 is any.'),
      requests_per_minute: wholeNumber(1, 1_000_000_000)
        .optional()
        .describe('Most requests of a key in a minute; any number unless given.'),
    })
    .prefault({})
    .describe('The HTTP service.'),
  log: z
    .strictObject({
      level: z
        .enum(['error', 'warn', 'info', 'debug'])
        .default('info')
        .describe('The least that is worth a line.'),
      file: path
        .optional()
        .describe('A file to log to; without one only serve logs, to standard output.'),
    })
    .prefault({})
    .describe('What Daybook notes of its own work, for programs.'),
});

/**
 * The shape as JSON Schema, draft 2020-12, for editors that check as one types.
 *
 * In place of what is more narrow than text there may be text with a `${VARIABLE}`.
 */
export function jsonSchema(): string {
  const schema = z.toJSONSchema(configurationSchema, {
    io: 'input',
    target: 'draft-2020-12',
    override({ jsonSchema: node, path: at }) {
      if (at.at(-1) === 'propertyNames' || !isNarrow(node)) return;
      const { description, default: standard, ...rest } = node;
      for (const key of Object.keys(node)) delete node[key];
      if (description !== undefined) node.description = description;
      if (standard !== undefined) node.default = standard;
      node.anyOf = [rest, { $ref: '#/$defs/variable' }];
    },
  });
  const variable = { type: 'string', pattern: '[$][{]', description: `Text with a \${VARIABLE}.` };
  const named = { title: 'daybook.yaml', ...schema, $defs: { variable } };
  return `${JSON.stringify(named, null, 2)}\n`;
}

function isNarrow({ type, pattern, enum: words }: z.core.JSONSchema.BaseSchema): boolean {
  const isText = type === 'string' && pattern === undefined && words === undefined;
  return !isText && (type === 'string' || type === 'integer' || type === 'boolean');
}

/** Parts by name. A map, because names such as `constructor` must not find what nobody configured. */
function named<Part>(part: z.ZodType<Part>) {
  return z
    .record(name, part)
    .transform((parts) => new Map(Object.entries(parts)))
    .prefault({});
}
