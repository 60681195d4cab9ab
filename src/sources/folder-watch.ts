import { type FSWatcher, statSync, type watch } from 'node:fs';
import { resolve } from 'node:path';

/** Takes what the system tells: that something about a path changed, perhaps its name. */
export type OnChange = (path: string, isRenamed: boolean) => void;

/** Has the system tell of changes in folders, where it can. Who cannot do without must look as well. */
export class FolderWatch {
  readonly #watch: typeof watch;
  readonly #onChange: OnChange;
  readonly #watchers = new Map<string, { identity: string; watcher: FSWatcher }>();

  constructor(watcher: typeof watch, onChange: OnChange) {
    this.#watch = watcher;
    this.#onChange = onChange;
  }

  /** Watches these folders from now on, and no others. */
  follow(folders: ReadonlySet<string>): void {
    for (const folder of this.#watchers.keys()) if (!folders.has(folder)) this.#drop(folder);
    for (const folder of folders) {
      const identity = identityOf(folder);
      if (this.#watchers.get(folder)?.identity === identity) continue;
      this.#drop(folder); // It is another folder now.
      if (identity !== undefined) this.#begin(folder, identity);
    }
  }

  close(): void {
    for (const folder of [...this.#watchers.keys()]) this.#drop(folder);
  }

  #begin(folder: string, identity: string): void {
    try {
      const watcher = this.#watch(folder, { persistent: false }, (event, name) =>
        this.#onChange(name === null ? folder : resolve(folder, name), event === 'rename'),
      );
      watcher.on('error', () => this.#drop(folder));
      this.#watchers.set(folder, { identity, watcher });
    } catch {
      // The system watches no more folders for this user, or none of this kind.
    }
  }

  #drop(folder: string): void {
    this.#watchers.get(folder)?.watcher.close();
    this.#watchers.delete(folder);
  }
}

function identityOf(folder: string): string | undefined {
  try {
    const { dev, ino } = statSync(folder, { bigint: true });
    return `${dev}:${ino}`;
  } catch {
    return undefined;
  }
}
