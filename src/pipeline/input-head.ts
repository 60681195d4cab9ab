import type { Job } from '../core/job.ts';
import type { ByteReader, Input } from '../core/source.ts';
import { ofInput } from './of-input.ts';

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
    let filled = 0;
    for (let count = -1; count !== 0 && filled < buffer.length; filled += count)
      count = await reader.read(buffer.subarray(filled));
    return decoder.head(buffer.subarray(0, filled));
  } catch (error) {
    throw ofInput(error, input.name);
  } finally {
    reader.close();
  }
}
