import * as z from 'zod';
import type { Api } from './api.ts';

/** Books as JSON, as an answer has them. */
export const BOOKS: z.ZodType = z.object({
  read: z.int(),
  counted: z.int(),
  rejected: z.record(z.string(), z.int()).describe('By reason.'),
  duplicate: z.int(),
  conflict: z.int(),
  late: z.int(),
  filtered: z.int(),
  unread: z.int().optional().describe('Bytes behind the end of the range that were not read.'),
});

/** Notes as JSON. */
export const NOTES: z.ZodType = z.array(z.looseObject({ code: z.string(), message: z.string() }));

/** What shaped a report, as JSON. */
export const PARAMETERS: z.ZodType = z.record(
  z.string(),
  z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]),
);

const COLUMN = z.object({
  name: z.string(),
  kind: z.enum(['text', 'integer', 'decimal', 'seconds', 'instant', 'clock']),
});

const PROBLEM = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string().optional(),
  instance: z.string().describe('What was asked.'),
  errors: z
    .array(z.object({ pointer: z.string(), detail: z.string() }))
    .optional()
    .describe('What is wrong with which field.'),
  accepted: z.int().optional().describe('Of events that were sent: how many are kept now.'),
  counted: z.int().optional().describe('Of these: how many were not before.'),
  outcomes: z.array(z.string()).optional(),
});

/** Answers of a route in some media types, as `response` of its schema has them. */
interface Answer {
  readonly description: string;
  readonly content: Readonly<Record<string, { readonly schema: z.ZodType }>>;
}

/** The answer of a route that sends a report of such rows. */
export function tableAnswer(row: Readonly<Record<string, z.ZodType>>): { readonly 200: Answer } {
  const table = z.object({
    report: z.string(),
    parameters: PARAMETERS.describe('What was asked for.'),
    columns: z.array(COLUMN),
    rows: z.array(z.object(row)),
    books: BOOKS,
    notes: NOTES,
  });
  return {
    200: {
      description: 'The report in the format that `Accept` asks for.',
      content: {
        'application/json': { schema: table },
        'text/csv': { schema: z.string().describe('With a header.') },
        'application/x-ndjson': { schema: z.string().describe('A row as JSON on each line.') },
      },
    },
  };
}

/** An answer that has no schema of JSON, in some media types. */
export function plainAnswer(description: string, ...types: readonly string[]): Answer {
  const content = types.map((type) => [type, { schema: z.string() }] as const);
  return { description, content: Object.fromEntries(content) };
}

/** Says of all routes that are added then how they tell what is wrong, and what has not changed. */
export function describeProblems(api: Api): void {
  const problem: Answer = {
    description: 'What is wrong (RFC 9457).',
    content: { 'application/problem+json': { schema: PROBLEM } },
  };
  const unchanged = z.null().describe('It has the tag that was sent in If-None-Match.');
  api.addHook('onRoute', ({ schema, method }) => {
    if (!schema || schema.hide) return;
    const others = { ...(method === 'GET' && { 304: unchanged }), default: problem };
    schema.response = { ...(schema.response as object | undefined), ...others };
  });
}
