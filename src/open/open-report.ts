import { createHash } from 'node:crypto';
import { extname } from 'node:path';
import type { Configuration } from '../config/configuration.ts';
import { didYouMean } from '../config/did-you-mean.ts';
import type { ReportSettings } from '../config/report-schema.ts';
import type { Archive } from '../core/archive.ts';
import { DaybookError } from '../core/errors.ts';
import type { OpenedReport } from '../core/opened-report.ts';
import type { Parameter } from '../core/table.ts';
import { parseDate, quote } from '../core/time.ts';
import type { Writer } from '../core/writer.ts';
import { writers } from '../writers/index.ts';

/** How a report is wanted, in a user's words, which win over the configuration. */
export interface ReportWords {
  /** Such as `2026-03-01`; today in the report's zone unless given. */
  readonly asOf?: string | undefined;
  readonly format?: keyof typeof writers | undefined;
  readonly spreadsheetSafe?: boolean | undefined;
  readonly overwrite?: boolean | undefined;
}

/** A report of a configuration, ready to be made. */
export interface ConfiguredReport {
  readonly report: string;
  readonly settings: ReportSettings;
  readonly asOf: string;
  /** Where it goes to; undefined where the configuration does not say. */
  readonly archive: Archive | undefined;
  readonly keyTemplate: string;
  readonly overwrite: boolean;
  readonly format: keyof typeof writers;
  readonly writer: Writer;
  readonly spreadsheetSafe: boolean;
  /** What was asked for, besides what the opened report says. */
  readonly parameters: Readonly<Record<string, Parameter>>;
  open(request: { readonly asOf: string; readonly signal?: AbortSignal }): Promise<OpenedReport>;
}

/**
 * The report of a name; without one the default, or the only one.
 *
 * @throws DaybookError `USAGE`
 */
export function reportNamed(
  { reports }: Pick<Configuration, 'reports'>,
  name: string | undefined,
): string {
  const names = [...reports.keys()];
  if (name !== undefined) {
    if (reports.has(name)) return name;
    const there = names.length === 0 ? 'none' : names.join(', ');
    const hint = didYouMean(name, names) || `; there is ${there}`;
    throw new DaybookError('USAGE', `there is no report ${quote(name)}${hint}`);
  }
  const standard = names.find((it) => reports.get(it)?.default) ?? names[0];
  if (standard === undefined)
    throw new DaybookError('USAGE', 'the configuration has no reports; see docs/reports.md');
  if (names.length === 1 || reports.get(standard)?.default) return standard;
  throw new DaybookError(
    'USAGE',
    `which report: ${names.join(', ')}? Name it, or say default: true of one`,
  );
}

/**
 * Makes a report of a configuration ready; nothing is connected to yet.
 *
 * @throws DaybookError `USAGE`
 */
export async function openReport(
  configuration: Configuration,
  report: string,
  words: ReportWords = {},
): Promise<ConfiguredReport> {
  const settings = configuration.reports.get(report)!;
  const { destination } = settings;
  const asOf = words.asOf === undefined ? dateAt(Date.now(), settings) : parseDate(words.asOf);
  const opened = destination && (await import('./open-archive.ts')).openArchive(destination);
  const keyTemplate = opened?.keyTemplate ?? '';
  const format = words.format ?? settings.format ?? formatOf(keyTemplate);
  const spreadsheetSafe = words.spreadsheetSafe ?? settings.spreadsheet_safe;
  return {
    ...{ report, settings, asOf, keyTemplate, format, spreadsheetSafe },
    archive: opened?.archive,
    overwrite: words.overwrite ?? opened?.overwrite ?? false,
    writer: writers[format],
    parameters: { format, spreadsheetSafe, settings: digestOf(settings) },
    async open(request) {
      const { openActivity } = await import('./open-activity.ts');
      return openActivity(report, settings, configuration, request);
    },
  };
}

/** The date of an instant in the zone of a report. */
export function dateAt(instant: number, { tz = 'UTC' }: Pick<ReportSettings, 'tz'>): string {
  const zoned = Temporal.Instant.fromEpochMilliseconds(instant).toZonedDateTimeISO(tz);
  return zoned.toPlainDate().toString();
}

function formatOf(key: string): keyof typeof writers {
  const extension = extname(key).slice(1);
  return Object.hasOwn(writers, extension) ? (extension as keyof typeof writers) : 'csv';
}

/** Tells settings from others that make another report. */
function digestOf(settings: ReportSettings): string {
  const { type, subjects, activity, days, ending, tz, as, columns } = settings;
  const shaping = JSON.stringify({ type, subjects, activity, days, ending, tz, as, columns });
  return createHash('sha256').update(shaping).digest('hex').slice(0, 16);
}
