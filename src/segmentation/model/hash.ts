import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { ByteSource } from '../checkpoint/byte-source.ts';

const CHUNK = 4 * 2 ** 20;

export function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

export function sha256OfSource(source: ByteSource): string {
  const hash = createHash('sha256');
  for (let at = 0; at < source.size; at += CHUNK) {
    hash.update(source.read(at, Math.min(CHUNK, source.size - at)));
  }
  return hash.digest('hex');
}

/** Hash and length of a file, read in pieces so that the event loop is never held up. */
export async function sha256OfFile(path: string): Promise<{ sha256: string; bytes: number }> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20 })) {
    const piece = chunk as Buffer;
    hash.update(piece);
    bytes += piece.byteLength;
  }
  return { sha256: hash.digest('hex'), bytes };
}

/** Identity of a model: the hash over the sorted hashes of its files. */
export function modelHash(fileHashes: readonly string[]): string {
  return sha256Of(new TextEncoder().encode(fileHashes.toSorted().join('\n')));
}
