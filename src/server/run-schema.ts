import * as z from 'zod';
import { NOTES, PARAMETERS } from './answers.ts';

/** In which states a run may be. */
export const RUN_STATE: z.ZodEnum<{
  running: 'running';
  done: 'done';
  unchanged: 'unchanged';
  failed: 'failed';
  missed: 'missed';
}> = z.enum(['running', 'done', 'unchanged', 'failed', 'missed']);

const INPUT = z.object({
  name: z.string(),
  rows: z.int(),
  digest: z.string().describe('SHA-256 of its rows in hex.'),
});

/** A run, as `runRecord` tells it. */
export const RUN: z.ZodType = z.object({
  run: z.string().describe('Its id.'),
  report: z.string(),
  parameters: PARAMETERS,
  as_of: z.string().describe('The date it was asked for.'),
  due: z.string().optional().describe('When it was due, where a schedule asked for it.'),
  started: z.string(),
  finished: z.string().optional(),
  state: RUN_STATE,
  rows: z.int().optional(),
  bytes: z.int().optional(),
  sha256: z.string().optional().describe('Of its file, in hex.'),
  destination: z.string().optional(),
  error: z.string().optional(),
  version: z.string().describe('Of Daybook.'),
  inputs: z.array(INPUT),
  notes: NOTES,
});
