import { createHash } from 'node:crypto';
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
    voxels: new Uint8Array(bytes.buffer, bytes.byteOffset, size),
    shape: stored.shape,
    structures: stored.structures,
    run: stored.run,
  };
}
