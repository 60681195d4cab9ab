import { basename, dirname, matchesGlob, resolve } from 'node:path';
import {
  CONFIGURATION_FILE,
  type Configuration,
  readConfiguration,
} from '../config/configuration.ts';
import type { SourceSettings } from '../config/source-schema.ts';
import { DaybookError } from '../core/errors.ts';
import type { EventField } from '../core/event-list.ts';
import type { JobSpec } from '../core/job.ts';
import type { LiveInputs } from '../core/live-source.ts';
import type { Input } from '../core/source.ts';
import type { Keep, Store, Stream } from '../core/store.ts';
import { parseDate } from '../core/time.ts';
import { statOf } from '../sources/file-stat.ts';
import { putAway } from '../sources/put-away.ts';
import { findInputs, NOTHING } from './find-inputs.ts';
import { openFollow } from './open-follow.ts';
import { jobModule } from './open-job.ts';
import type { LogSettings } from './open-log.ts';

/** What to count into a store, in a user's words. */
export interface IngestWords {
  /** Sources of the configuration; all of them unless given. */
  readonly names?: readonly string[] | undefined;
  /** The configuration: `daybook.yaml` unless given. */
  readonly config?: string | undefined;
  /** A store to be used instead of the configuration's. */
  readonly store?: string | undefined;
  /** Whether inputs may grow and others may come: then they are not looked for yet. */
  readonly follow?: boolean | undefined;
  /** How long an input may be silent until it is settled; 30s unless given. */
  readonly idle?: string | undefined;
}

/** How the records of a source are read. */
export interface SourceReading {
  readonly stream: Stream;
  /** Reads an input of this name. */
  jobOf(input: { readonly name: string }): JobSpec;
}

/** A source, ready to be counted into a store. */
interface OpenedSource extends SourceReading {
  /** Where they are looked for: paths, patterns, or a folder. */
  readonly words: readonly string[];
  /** None, where they are followed. */
  readonly inputs: readonly Input[];
  /** Why others of its inputs cannot be opened. */
  readonly failures: readonly DaybookError[];
  /** The same as they grow, if that was asked for. */
  readonly live: LiveInputs | undefined;
  /**
   * Puts the file of an input away of which all is counted, if the source says so and it is still what it was.
   *
   * @throws the system's error
   */
  done(input: Pick<Input, 'name'>): void;
}

/** What is to be counted, and where it is kept. */
export interface OpenedIngest {
  readonly store: { readonly path: string; readonly keep: Keep };
  readonly log: LogSettings;
  readonly sources: readonly OpenedSource[];
}

/**
 * Reads the configuration, and finds the inputs of its sources.
 *
 * @throws DaybookError `USAGE`
 */
export async function openIngest(
  words: IngestWords,
  env: NodeJS.ProcessEnv,
): Promise<OpenedIngest> {
  const configuration = await readConfiguration(words.config ?? CONFIGURATION_FILE, env);
  const { path, keep } = configuration.store;
  const { log } = configuration;
  const sources = await openSources(sourcesNamed(configuration, words.names ?? []), words, log);
  return { store: { path: words.store ?? path, keep }, log, sources };
}

/**
 * Finds the inputs of sources, each with its name.
 *
 * @throws DaybookError `USAGE`
 */
export async function openSources(
  sources: Iterable<readonly [string, SourceSettings]>,
  words: Pick<IngestWords, 'follow' | 'idle'>,
  log: LogSettings | undefined,
): Promise<OpenedSource[]> {
  const opened: OpenedSource[] = [];
  for (const [name, settings] of sources) {
    refuseOwnLog(name, settings, log);
    opened.push(await openSource(name, settings, words));
  }
  return opened;
}

/** What is noted of an ingest must not be one of its inputs, which would grow by being counted. */
function refuseOwnLog(name: string, settings: SourceSettings, log: LogSettings | undefined): void {
  const file = log?.file;
  if (file === undefined) return;
  const own = resolve(file);
  const isInput =
    settings.type === 'file'
      ? settings.paths.some((path) => matchesGlob(own, resolve(path)))
      : dirname(own) === resolve(settings.path);
  if (isInput)
    throw new DaybookError(
      'USAGE',
      `log.file ${file} is an input of the source ${name}; log somewhere else`,
    );
}

/**
 * Opens a store to be written to, and makes it if there is none.
 *
 * @throws DaybookError `STORE_UNUSABLE`, or `USAGE` where the store keeps something else.
 */
export async function openStoreForWriting({ path, keep }: OpenedIngest['store']): Promise<Store> {
  const { stores } = await import('../stores/index.ts');
  return stores.sqlite({ path, keep });
}

/**
 * The sources of a configuration that were asked for; all of them if none were.
 *
 * @throws DaybookError `USAGE` - There is no such source.
 */
export function sourcesNamed(
  { sources: all }: Configuration,
  names: readonly string[],
): [string, SourceSettings][] {
  const known = [...all.keys()].join(', ');
  if (all.size === 0) throw new DaybookError('USAGE', 'the configuration has no sources');
  if (names.length === 0) return [...all];
  return names.map((name) => {
    const settings = all.get(name);
    if (settings) return [name, settings];
    throw new DaybookError('USAGE', `there is no source ${name}; there is ${known}`);
  });
}

async function openSource(
  name: string,
  settings: SourceSettings,
  { follow = false, idle }: IngestWords,
): Promise<OpenedSource> {
  const words = settings.type === 'file' ? settings.paths : [settings.path];
  const done = settings.type === 'directory' ? settings.done : 'keep';
  const { inputs, failures } = follow ? NOTHING : await findInputs(settings);
  const found = new Map(inputs.map((input) => [input.name, statOf(input.name)]));
  return {
    ...sourceReading(name, settings),
    words,
    inputs,
    failures,
    live: openFollow({ files: words, follow, idle, done }),
    done({ name: path }) {
      const stat = found.get(path);
      if (done === 'keep' || stat === undefined || statOf(path)?.version !== stat.version) return;
      putAway(path, stat.identity);
    },
  };
}

/** How the records of a source are read, whatever inputs there are. */
export function sourceReading(name: string, settings: SourceSettings): SourceReading {
  const { options, fields } = readingOf(settings);
  const { format } = settings;
  const eventsOnly = !COUNTED_BY_MINUTE.includes(format);
  return {
    stream: { name, format, options, fields, ...(eventsOnly && { eventsOnly }) },
    jobOf: (input) => ({
      module: jobModule,
      decoder: { kind: format, options: { ...options, ...datedBy(settings, input) } },
      aggregation: { kind: 'events', options: { fields } },
    }),
  };
}

/** What a decoder is told, plain data that is kept with the events, and which columns they have. */
function readingOf(settings: SourceSettings): { options: object; fields: EventField[] } {
  if (settings.format === 'session-log') {
    const { log, date, session_timeout, spans_midnight, extra_fields, tz } = settings;
    const options = {
      date: date === undefined || date === FROM_NAME ? UNDATED : date,
      zone: tz ?? 'UTC',
      spansMidnight: spans_midnight,
      maxDisorderMs: MAX_DISORDER_MS,
      extraFields: extra_fields,
      ...{ log, session_timeout, dated: date !== undefined },
    };
    return { options, fields: ['kind'] };
  }
  const timeUnit = settings.time_unit;
  if (settings.format === 'connection-log') return { options: { timeUnit }, fields: ['object'] };
  const { columns, tz: zone } = settings;
  const fields: EventField[] = (['type', 'id', 'value'] as const).filter(
    // CloudEvents have a type and an id, whatever they hold.
    (field) => columns[field] !== undefined || (settings.format === 'ndjson' && field !== 'value'),
  );
  if (settings.format === 'ndjson') {
    if (!settings.keep_data) return { options: { columns, timeUnit, zone }, fields };
    return { options: { columns, timeUnit, zone, data: true }, fields: [...fields, 'data'] };
  }
  const { header, fields: width } = settings;
  return { options: { columns, header, fields: width, timeUnit, zone }, fields };
}

/** What `daybook counts` reads from a store; all other reports are made of events. */
const COUNTED_BY_MINUTE: readonly string[] = ['csv', 'ndjson'];
const UNDATED = '1970-01-01';
const FROM_NAME = 'from-name';
/** A drop of the clock by more is a new day, where a log may span midnight. */
const MAX_DISORDER_MS = 5 * 60_000;

/** The day that an input's name says, if it is to say one. */
function datedBy(settings: SourceSettings, { name }: Pick<Input, 'name'>): { date?: string } {
  if (settings.format !== 'session-log' || settings.date !== FROM_NAME) return {};
  const [, year, month, day] =
    /([0-9]{4})[-_.]?([0-9]{2})[-_.]?([0-9]{2})/.exec(basename(name)) ?? [];
  if (year === undefined)
    throw new DaybookError('USAGE', `the name of ${name} has no date, as date: from-name wants it`);
  return { date: parseDate(`${year}-${month}-${day}`) };
}
