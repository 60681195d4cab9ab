import { DaybookError } from '../../core/errors.ts';

/** What was thrown while an input was decoded, with the input's name where it is not of the kind it was taken for. */
export function ofInput(error: unknown, name: string): unknown {
  if (!(error instanceof DaybookError) || error.code !== 'USAGE') return error;
  return new DaybookError('USAGE', `${name}: ${error.message}`, { cause: error });
}
