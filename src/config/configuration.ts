import { dirname, isAbsolute, join } from 'node:path';
import type { DatabaseSettings } from './database-schema.ts';
import type { HistorySettings } from './history-schema.ts';
import type { MeterSettings } from './meter-schema.ts';
import type { ReportSettings } from './report-schema.ts';
import type { SourceSettings } from './source-schema.ts';

/** What a file `daybook.yaml` says, with defaults where it says nothing; durations and times are text. */
export interface Configuration {
  readonly store: {
    readonly type: 'sqlite';
    readonly path: string;
    /** Every event, or only counts by minute and hour. */
    readonly keep: 'events' | 'rollups';
  };
  readonly sources: ReadonlyMap<string, SourceSettings>;
  readonly databases: ReadonlyMap<string, DatabaseSettings>;
  readonly meters: readonly MeterSettings[];
  readonly reports: ReadonlyMap<string, ReportSettings>;
  readonly history: HistorySettings;
  readonly server: {
    readonly host: string;
    readonly port: number;
    readonly requests_per_minute?: number | undefined;
  };
  readonly log: {
    readonly level: 'error' | 'warn' | 'info' | 'debug';
    readonly file?: string | undefined;
  };
}

/** The configuration that is used where none is named. */
export const CONFIGURATION_FILE = 'daybook.yaml';

/**
 * Reads a configuration and checks all of its shape. Relative paths in it are made to start at its folder.
 *
 * @param env - Wins over a file `.env` beside the configuration.
 * @throws DaybookError `USAGE` - With all problems that were found, each with its place, one a line.
 *
 * @example
 * const { sources } = await readConfiguration('daybook.yaml', process.env);
 * const source = sources.get('app-sessions');
 */
export async function readConfiguration(
  path: string,
  env: NodeJS.ProcessEnv,
): Promise<Configuration> {
  // YAML and the checks take a while to load, which only who has a configuration is to wait for.
  const { loadConfiguration } = await import('./load-configuration.ts');
  return fromFolder(loadConfiguration(path, env).configuration, dirname(path));
}

/** What holds where nothing is configured. */
export async function defaultConfiguration(): Promise<Configuration> {
  const { configurationSchema } = await import('./configuration-schema.ts');
  return configurationSchema.parse({});
}

/** The configuration with its relative paths seen from where the program runs. */
function fromFolder(configuration: Configuration, folder: string): Configuration {
  const at = (path: string) => pathFrom(folder, path);
  const { store, sources, databases, reports, log } = configuration;
  return {
    ...configuration,
    store: { ...store, path: at(store.path) },
    sources: mapped(sources, (source) =>
      source.type === 'file'
        ? { ...source, paths: source.paths.map(at) }
        : { ...source, path: at(source.path) },
    ),
    databases: mapped(databases, (database) =>
      database.ca === undefined ? database : { ...database, ca: at(database.ca) },
    ),
    reports: mapped(reports, (report) =>
      report.destination?.type === 'file'
        ? {
            ...report,
            destination: {
              ...report.destination,
              path: placeFrom(folder, report.destination.path),
            },
          }
        : report,
    ),
    log: log.file === undefined ? log : { ...log, file: at(log.file) },
  };
}

/** A path or pattern in a configuration, from where the program runs. */
export function pathFrom(folder: string, path: string): string {
  if (isAbsolute(path)) return path;
  // What the folder is called is no pattern, even where the word behind it is one.
  return join(isPattern(path) ? folder.replaceAll(/[*?[{]/g, '[$&]') : folder, path);
}

/** A path with placeholders in a configuration, from where the program runs: it is no pattern. */
export function placeFrom(folder: string, path: string): string {
  return isAbsolute(path) ? path : join(folder, path);
}

/** Whether a word may stand for several files. */
export function isPattern(word: string): boolean {
  return /[*?[{]/.test(word);
}

function mapped<Part>(
  parts: ReadonlyMap<string, Part>,
  change: (part: Part) => Part,
): ReadonlyMap<string, Part> {
  return new Map([...parts].map(([name, part]) => [name, change(part)]));
}
