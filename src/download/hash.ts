import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

/** SHA-256 of a file in hexadecimal, read in pieces; `told` hears how many bytes are through. */
export async function hashOf(
  path: string,
  told: (bytes: number) => void,
  signal: AbortSignal | undefined,
): Promise<string> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20 })) {
    signal?.throwIfAborted();
    const piece = chunk as Buffer;
    hash.update(piece);
    bytes += piece.byteLength;
    told(bytes);
  }
  signal?.throwIfAborted();
  return hash.digest('hex');
}
