import type { FastifySchemaCompiler } from 'fastify';
import type * as z from 'zod';
import { type FieldProblem, pointerOf, RequestError } from './problem.ts';

/** Has a part of a request checked by a route's schema; what is wrong is told field by field. */
export const validator: FastifySchemaCompiler<z.ZodType> =
  ({ schema, httpPart = 'body' }) =>
  (input) => {
    const { data, error } = schema.safeParse(input, { error: missing });
    if (!error) return { value: data };
    const errors = error.issues.flatMap((issue) => problemsOf(httpPart, issue));
    const [first, ...others] = errors.map(({ pointer, detail }) => `${pointer}: ${detail}`);
    const more = others.length > 0 ? `, and ${others.length} more` : '';
    return { error: new RequestError(400, `the request is not valid: ${first}${more}`, errors) };
  };

function missing({ code, input }: z.core.$ZodRawIssue): string | undefined {
  return code === 'invalid_type' && input === undefined ? 'is missing' : undefined;
}

function problemsOf(part: string, issue: z.core.$ZodIssue): FieldProblem[] {
  const { path, message } = issue;
  if (issue.code !== 'unrecognized_keys')
    return [{ pointer: pointerOf([part, ...path]), detail: message }];
  return issue.keys.map((key) => {
    return { pointer: pointerOf([part, ...path, key]), detail: 'Unrecognized key' };
  });
}
