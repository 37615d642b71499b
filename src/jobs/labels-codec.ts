import { createHash } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { promisify } from 'node:util';
import { zstdCompress, zstdDecompress } from 'node:zlib';
import { fault, type Labels } from '../contracts/index.ts';
import type { StoredLabels } from '../records/index.ts';

const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);
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

/** Bytes copied before the event loop gets its turn. */
const PIECE = 4 * 2 ** 20;

/** In shared memory, so that the compute thread gets labels without another copy on the main thread. */
async function sharedCopy(bytes: Uint8Array): Promise<Uint8Array> {
  const copy = new Uint8Array(new SharedArrayBuffer(bytes.length));
  for (let at = 0; at < bytes.length; at += PIECE) {
    copy.set(bytes.subarray(at, at + PIECE), at);
    await setImmediate();
  }
  return copy;
}

/** @throws SitusError LABELS_DAMAGED (fault) when what was kept does not fill its own shape. */
export async function unpackLabels(stored: StoredLabels): Promise<Labels> {
  const size = stored.shape[0] * stored.shape[1] * stored.shape[2];
  if (stored.encoding !== ENCODING) {
    throw fault('LABELS_DAMAGED', `Labels in the unknown encoding "${stored.encoding}".`);
  }
  const bytes = await decompress(stored.bytes, { maxOutputLength: size });
  if (bytes.byteLength !== size) {
    throw fault('LABELS_DAMAGED', `Labels hold ${bytes.byteLength} voxels, not ${size}.`);
  }
  return {
    voxels: await sharedCopy(bytes),
    shape: stored.shape,
    structures: stored.structures,
    run: stored.run,
  };
}
