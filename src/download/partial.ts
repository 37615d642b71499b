import { createHash } from 'node:crypto';
import {
  open,
  mkdir,
  readFile,
  rename,
  rm,
  stat,
  writeFile,
  type FileHandle,
} from 'node:fs/promises';
import { join } from 'node:path';
import { isMissing } from '../contracts/index.ts';

/** What the server said of the file that a partial one is the beginning of. */
export interface Origin {
  readonly address: string;
  /** Strong ETag or Last-Modified, for If-Range; null: the server gave neither, so nothing can go on. */
  readonly validator: string | null;
  readonly total: number | null;
}

/**
 * A file that is on its way: `KEY.part` and beside it `KEY.json` with what it is a part of. Both lie
 * in the downloads folder until the file is whole, so that a later call goes on.
 */
export class PartialFile {
  readonly path: string;
  private readonly note: string;
  private readonly folder: string;

  constructor(folder: string, name: string, address: string) {
    const key = addressKey(address);
    this.folder = folder;
    this.path = join(folder, `${name}-${key}.part`);
    this.note = join(folder, `${name}-${key}.json`);
  }

  /** Bytes that are there, and of what; null when there is nothing that could be continued. */
  async state(): Promise<{ readonly size: number; readonly origin: Origin } | null> {
    const size = await sizeOf(this.path);
    const origin = await this.readNote();
    if (size === null || size === 0 || origin === null || origin.validator === null) return null;
    return { size, origin };
  }

  /** Opens for bytes from `offset` on; what lies behind it is dropped. The note is written first. */
  async open(offset: number, origin: Origin): Promise<FileHandle> {
    await mkdir(this.folder, { recursive: true });
    await writeFile(this.note, `${JSON.stringify(origin)}\n`);
    const handle = await open(this.path, offset === 0 ? 'w' : 'r+');
    if (offset > 0) await handle.truncate(offset);
    return handle;
  }

  size(): Promise<number | null> {
    return sizeOf(this.path);
  }

  async discard(): Promise<void> {
    await rm(this.path, { force: true });
    await rm(this.note, { force: true });
  }

  /** The whole file under its last name. */
  async finish(to: string): Promise<void> {
    await rename(this.path, to);
    await rm(this.note, { force: true });
  }

  private async readNote(): Promise<Origin | null> {
    let text: string;
    try {
      text = await readFile(this.note, 'utf8');
    } catch (thrown) {
      if (isMissing(thrown)) return null;
      throw thrown;
    }
    const note = parsed(text);
    if (typeof note !== 'object' || note === null) return null;
    const { address, validator, total } = note as Partial<Origin>;
    if (typeof address !== 'string') return null;
    return {
      address,
      validator: typeof validator === 'string' ? validator : null,
      total: typeof total === 'number' ? total : null,
    };
  }
}

/** Part of the names of an address's files, so that files of two addresses never mix. */
export function addressKey(address: string): string {
  return createHash('sha256').update(address).digest('hex').slice(0, 12);
}

/** A note that a crash cut short says nothing: the download then begins anew. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return null;
    throw thrown;
  }
}

/** Bytes of a file; null when there is none. */
export async function sizeOf(path: string): Promise<number | null> {
  try {
    return (await stat(path)).size;
  } catch (thrown) {
    if (isMissing(thrown)) return null;
    throw thrown;
  }
}
