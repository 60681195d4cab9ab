import { zstdDecompressSync } from 'node:zlib';
import { parquetMetadata, parquetRead, type SchemaElement } from 'hyparquet';

/** What a Parquet file holds. */
export interface Stored {
  /** A column a line, as `name: REPETITION TYPE CONVERTED LOGICAL detail=…`. */
  readonly schema: readonly string[];
  /** Cells as they are stored: text, 64-bit integers, nulls. Decimals are not scaled, which would round them. */
  readonly rows: readonly unknown[][];
  readonly groupSizes: readonly number[];
  readonly metadata: Readonly<Record<string, string | undefined>>;
}

/** Reads a Parquet file. */
export async function stored(bytes: Uint8Array): Promise<Stored> {
  const file = Uint8Array.from(bytes).buffer;
  const metadata = parquetMetadata(file);
  const columns = metadata.schema.slice(1);
  const schema = columns.map(described);
  for (const column of columns.filter(({ type }) => type === 'INT64')) {
    delete column.converted_type;
    delete column.logical_type;
  }
  const { promise, resolve } = Promise.withResolvers<unknown[][]>();
  await parquetRead({
    file,
    metadata,
    compressors: { ZSTD: (compressed) => zstdDecompressSync(compressed) },
    parsers: { stringFromBytes: (text) => text && Buffer.from(text).toString() },
    onComplete: resolve,
  });
  return {
    schema,
    rows: await promise,
    groupSizes: metadata.row_groups.map((group) => Number(group.num_rows)),
    metadata: Object.fromEntries(
      (metadata.key_value_metadata ?? []).map(({ key, value }) => [key, value]),
    ),
  };
}

function described({ name, type, converted_type, logical_type, repetition_type }: SchemaElement) {
  const { type: kind, ...details } = logical_type ?? {};
  const words = Object.entries(details).map(([key, value]) => `${key}=${value}`);
  return [`${name}:`, repetition_type, type, converted_type, kind, ...words]
    .filter((word) => word !== undefined)
    .join(' ');
}
