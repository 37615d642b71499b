import { type FSWatcher, watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import { asSitusError, type SitusError } from '../contracts/index.ts';
import { type Loaded, readText, versionOf } from './read-yaml.ts';

export interface WatchListeners<Value> {
  /** A new valid version is active from now on, or the active one is back after one that was refused. */
  readonly onValid: (loaded: Loaded<Value>) => void;
  /** A new version was refused; the old one stays. */
  readonly onInvalid: (error: SitusError, refused: RefusedText) => void;
}

/** What a refused file holds; both are empty when it cannot be read. */
export type RefusedText = Pick<Loaded<unknown>, 'version' | 'text'>;

export interface ConfigWatch<Value> {
  /** The version in force. */
  readonly current: () => Loaded<Value>;
  /** Looks at the file now, e.g. on a signal; resolves when the listeners were told. */
  readonly check: () => Promise<void>;
  readonly close: () => void;
}

/** Mounted volumes do not always tell of changes, so the file is also looked at from time to time. */
const POLL_MS = 5_000;
/** Editors write in several steps. */
const SETTLE_MS = 100;

/**
 * Loads a file and follows it. Each changed text is loaded once: a valid one becomes current, an
 * invalid one is reported and the old one stays. The first load throws as `load` does.
 */
export async function watchConfig<Value>(
  path: string,
  load: (path: string) => Promise<Loaded<Value>>,
  listeners: WatchListeners<Value>,
): Promise<ConfigWatch<Value>> {
  let current = await load(path);
  let seen = current.version;
  let refused = false;
  let running: Promise<void> = Promise.resolve();
  let settling: NodeJS.Timeout | null = null;

  const look = async (): Promise<void> => {
    const read = await readAt(path);
    if (read.version === seen) return;
    seen = read.version;
    try {
      const next = await load(path);
      seen = next.version;
      if (next.version === current.version && !refused) return;
      current = next;
      refused = false;
      listeners.onValid(next);
    } catch (thrown) {
      refused = true;
      listeners.onInvalid(asSitusError(thrown), read);
    }
  };
  const check = (): Promise<void> => {
    running = running.then(look, look);
    return running;
  };
  const soon = (): void => {
    if (settling !== null) clearTimeout(settling);
    settling = setTimeout(() => void check(), SETTLE_MS);
    settling.unref();
  };
  const watcher = follow(path, soon);
  const poll = setInterval(() => void check(), POLL_MS);
  poll.unref();
  return {
    current: () => current,
    check,
    close: () => {
      watcher?.close();
      clearInterval(poll);
      if (settling !== null) clearTimeout(settling);
    },
  };
}

/** The folder is followed, not the file: editors replace files. Null where the system has no watcher left. */
function follow(path: string, changed: () => void): FSWatcher | null {
  try {
    const watcher = watch(dirname(path), { persistent: false }, (_event, name) => {
      if (name === null || name === basename(path)) changed();
    });
    watcher.on('error', () => watcher.close());
    return watcher;
  } catch {
    return null;
  }
}

async function readAt(path: string): Promise<RefusedText> {
  try {
    const text = await readText(path);
    return { version: versionOf(text), text };
  } catch {
    return { version: '', text: '' };
  }
}
