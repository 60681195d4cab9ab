import type { SourceSettings } from '../config/source-schema.ts';
import { DaybookError } from '../core/errors.ts';
import { quote } from '../core/time.ts';
import { file } from '../sources/file.ts';
import { columnOf } from './open-counts.ts';

/** Files that are to be served, and how they are read, in a user's words. */
export interface FileWords {
  readonly files?: readonly string[] | undefined;
  /** Columns, by number from 1 or by name; of JSON, keys by dotted path. */
  readonly subjectColumn?: string | undefined;
  readonly typeColumn?: string | undefined;
  readonly timeColumn?: string | undefined;
  readonly idColumn?: string | undefined;
  readonly valueColumn?: string | undefined;
  readonly tz?: string | undefined;
  readonly timeUnit?: 's' | 'ms' | 'us' | undefined;
}

type Format = SourceSettings['format'];

/** What lines look like that are not CSV, without blanks around them. */
const LOOKS: readonly (readonly [Format, RegExp])[] = [
  ['ndjson', /^[{]/],
  ['connection-log', /^[0-9]+[ \t]+[^ \t,]+[ \t]+[^ \t,]+$/],
  ['session-log', /^[0-9]{2}(:[0-9]{2}){2}[ \t]+[A-Za-z0-9]+[ \t]+(Start|End)$/],
];
const LOOKED_AT_BYTES = 64 << 10;
const LOOKED_AT_LINES = 10;

/**
 * Says by the look of files how they are read: CSV, JSON, or one of the logs.
 *
 * @throws DaybookError `USAGE` or `SOURCE_UNREADABLE`
 */
export async function servedFiles(words: FileWords): Promise<SourceSettings> {
  const { files = [], tz } = words;
  const inputs = await file.inputs(files);
  const found = await Promise.all(inputs.map(async (input) => formatOf(await beginning(input))));
  const [format = 'csv'] = found;
  const other = found.findIndex((its) => its !== format);
  if (other !== -1)
    throw new DaybookError(
      'USAGE',
      `${inputs[0]!.name} looks like ${format}, ${inputs[other]!.name} like ${found[other]}; two sources take a daybook.yaml`,
    );
  const place = { type: 'file', paths: files } as const;
  const time_unit = words.timeUnit ?? 'ms';
  if (format === 'csv')
    return {
      ...place,
      format,
      columns: columnsOf(words, columnOf, [1, 4]),
      header: 'auto',
      time_unit,
      tz,
    };
  if (format === 'ndjson') {
    const columns = columnsOf(words, (word) => word, ['subject', 'time']);
    return { ...place, format, columns, keep_data: true, time_unit, tz };
  }
  for (const [option, word] of Object.entries(asked(words)))
    if (word !== undefined)
      throw new DaybookError(
        'USAGE',
        `--${option}-column is of no use: ${quote(files[0]!)} looks like a ${format}`,
      );
  if (format === 'connection-log') return { ...place, format, time_unit };
  return { ...place, format, log: 'file', spans_midnight: false, extra_fields: 'reject', tz };
}

function asked({ subjectColumn, typeColumn, timeColumn, idColumn, valueColumn }: FileWords) {
  return {
    subject: subjectColumn,
    type: typeColumn,
    time: timeColumn,
    id: idColumn,
    value: valueColumn,
  };
}

/** The columns that were asked for; of subject and time the usual ones unless they were. */
function columnsOf<Column>(
  words: FileWords,
  read: (word: string) => Column,
  [usualSubject, usualTime]: readonly [Column, Column],
) {
  const { subject, time, ...others } = asked(words);
  const known = Object.entries(others).filter(([, word]) => word !== undefined);
  return {
    subject: subject === undefined ? usualSubject : read(subject),
    time: time === undefined ? usualTime : read(time),
    ...Object.fromEntries(known.map(([name, word]) => [name, read(word!)])),
  };
}

/** What most of the first lines look like; the last one may be cut. */
function formatOf(text: string): Format {
  const lines = text
    .split(/\r?\n/)
    .slice(0, LOOKED_AT_LINES)
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const found = LOOKS.find(
    ([, look]) => 2 * lines.filter((line) => look.test(line)).length > lines.length,
  );
  return found?.[0] ?? 'csv';
}

async function beginning(input: Parameters<typeof file.open>[0]): Promise<string> {
  const reader = file.open(input, 0);
  try {
    const bytes = new Uint8Array(LOOKED_AT_BYTES);
    let filled = 0;
    for (let count = -1; count !== 0 && filled < bytes.length; filled += count)
      count = await reader.read(bytes.subarray(filled));
    return new TextDecoder().decode(bytes.subarray(0, filled));
  } finally {
    reader.close();
  }
}
