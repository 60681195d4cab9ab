import type { DestinationSettings } from '../config/destination-schema.ts';
import type { Archive } from '../core/archive.ts';
import { fileArchive } from '../destinations/file-archive.ts';
import { s3Archive } from '../destinations/s3-archive.ts';

/** An archive, and what runs call their files there. */
export interface OpenedArchive {
  readonly archive: Archive;
  /** A key with `{as_of}` and the like, which are to be filled in for each run. */
  readonly keyTemplate: string;
  /** Whether a run replaces other content that stands there. */
  readonly overwrite: boolean;
}

/** Opens where a report goes to. Nothing is connected to, looked at or loaded before it is used. */
export function openArchive(settings: DestinationSettings): OpenedArchive {
  const { overwrite } = settings;
  if (settings.type === 's3') {
    const archive = s3Archive({
      bucket: settings.bucket,
      region: settings.region,
      endpoint: settings.endpoint,
      pathStyle: settings.path_style,
      accessKeyId: settings.access_key_id,
      secretAccessKey: settings.secret_access_key,
    });
    return { archive, keyTemplate: settings.key, overwrite };
  }
  const folder = fixedFolderOf(settings.path);
  const keyTemplate = settings.path.slice(folder.length).replace(/^[/]+/, '');
  return { archive: fileArchive(folder === '' ? '.' : folder), keyTemplate, overwrite };
}

/** The folder of a path that has placeholders, as far as it is the same for each run: `` for the current one. */
export function fixedFolderOf(path: string): string {
  const fixed = path.slice(0, path.includes('{') ? path.indexOf('{') : undefined);
  return /^.*[/]/.exec(fixed)?.[0] ?? '';
}
