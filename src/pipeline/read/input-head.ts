import type { Job } from '../../core/job.ts';
import type { ByteReader, Input } from '../../core/source.ts';
import { ofInput } from './of-input.ts';
import { readHead } from './read-head.ts';

/**
 * What the first row of an input says of all others, if its decoder wants to know.
 *
 * @param buffer - Room for the longest row; what is in it is lost.
 * @param onOpen - Gets what reads the input, to be closed where waiting is to end.
 * @throws DaybookError `SOURCE_UNREADABLE`, or `USAGE` where the input is not of the kind expected.
 */
export async function headOfInput(
  { decoder, sources }: Job,
  input: Input,
  buffer: Uint8Array,
  onOpen?: (reader: ByteReader) => void,
): Promise<unknown> {
  if (decoder.head === undefined) return undefined;
  const reader = sources[input.source]!.open(input, 0);
  onOpen?.(reader);
  try {
    return decoder.head(await readHead(reader, buffer));
  } catch (error) {
    throw ofInput(error, input.name);
  }
}
