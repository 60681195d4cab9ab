import type { Writer } from '../core/writer.ts';
import { csv } from './csv.ts';
import { json } from './json.ts';
import { ndjson } from './ndjson.ts';
import { parquet } from './parquet.ts';
import { table } from './table.ts';
import { text } from './text.ts';

/** The formats of reports by name. */
export const writers = { text, table, csv, json, ndjson, parquet } satisfies Record<string, Writer>;
