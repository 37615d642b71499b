import { createHash } from 'node:crypto';
import { promisify } from 'node:util';
import { createZstdDecompress, zstdCompress } from 'node:zlib';
import { fault, type Labels } from '../contracts/index.ts';
import type { StoredLabels } from '../records/index.ts';

const compress = promisify(zstdCompress);
const ENCODING = 'zstd';

/** Labels as the record keeps them: a label volume of 50 MB becomes well under one. */
export async function packLabels(labels: Labels): Promise<StoredLabels> {
  const bytes = await compress(labels.voxels);
  return {
    bytes,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    encoding: ENCODING,
    shape: labels.shape,
    structures: labels.structures,
    run: labels.run,
  };
}

/** Bytes that come at a time; the event loop gets its turn between them. */
const PIECE = 2 ** 20;

/**
 * Into shared memory, piece by piece, so that neither the event loop waits for a volume to be copied nor the compute thread
 * needs another copy.
 * @returns how many bytes there were; more than `target` holds are not read
 */
async function decompressInto(bytes: Uint8Array, target: Uint8Array): Promise<number> {
  const stream = createZstdDecompress({ chunkSize: PIECE });
  stream.end(bytes);
  let at = 0;
  for await (const piece of stream as AsyncIterable<Uint8Array>) {
    if (at + piece.length > target.length) return at + piece.length;
    target.set(piece, at);
    at += piece.length;
  }
  return at;
}

/** @throws SitusError LABELS_DAMAGED (fault) when what was kept does not fill its own shape. */
export async function unpackLabels(stored: StoredLabels): Promise<Labels> {
  const size = stored.shape[0] * stored.shape[1] * stored.shape[2];
  if (stored.encoding !== ENCODING) {
    throw fault('LABELS_DAMAGED', `Labels in the unknown encoding "${stored.encoding}".`);
  }
  const voxels = new Uint8Array(new SharedArrayBuffer(size));
  const length = await decompressInto(stored.bytes, voxels);
  if (length !== size) {
    throw fault('LABELS_DAMAGED', `Labels hold ${length} voxels or more, not ${size}.`);
  }
  return {
    voxels,
    shape: stored.shape,
    structures: stored.structures,
    run: stored.run,
  };
}
