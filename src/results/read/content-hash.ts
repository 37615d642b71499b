import { createHash } from 'node:crypto';
import { COPIED_KEYWORDS } from '../copied.ts';
import { readDicom, type ReadElement, type ReadFile } from './dataset.ts';
import { nativePixels } from './pixels.ts';

/**
 * What an archive may rightly add or coerce at the root: patient and study attributes (kept in step
 * with its own records), the character set, and its own book-keeping.
 */
const NOT_CONTENT = new Set(
  [
    ...COPIED_KEYWORDS,
    'SpecificCharacterSet',
    'OriginalAttributesSequence',
    'RetrieveAETitle',
    'RetrieveURL',
    'InstanceAvailability',
    'StorageMediaFileSetID',
    'StorageMediaFileSetUID',
    'DataSetTrailingPadding',
  ].filter((keyword) => keyword !== 'StudyInstanceUID'),
);

/**
 * SHA-256 of what a result says: pixel data and every element of the data set, whatever the file
 * meta information, padding, sequence lengths, transfer syntax or encoding of text look like. Patient and
 * study attributes, private elements and group lengths are left out, for archives may change them.
 * @throws SitusError UNREADABLE_DICOM, UNSUPPORTED_SEGMENTATION, DECODE_FAILED (refuse).
 */
export function contentHash(bytes: Uint8Array): string {
  return overall(elementHashes(readDicom(bytes)));
}

/** Whether two files say the same, and the root attributes that differ. */
export function compareContent(
  sent: Uint8Array,
  returned: Uint8Array,
): { readonly equal: boolean; readonly differing: readonly string[] } {
  const before = elementHashes(readDicom(sent));
  const after = elementHashes(readDicom(returned));
  const keywords = new Set([...before.keys(), ...after.keys()]);
  const differing = [...keywords].filter((keyword) => before.get(keyword) !== after.get(keyword));
  return { equal: differing.length === 0, differing };
}

function elementHashes(file: ReadFile): Map<string, string> {
  const hashes = new Map<string, string>();
  for (const [keyword, element] of file.dataset) {
    if (NOT_CONTENT.has(keyword) || isBookkeeping(element)) continue;
    const hash = createHash('sha256');
    const pixels = keyword === 'PixelData' ? { ...element, bytes: nativePixels(file) } : element;
    update(hash, pixels);
    hashes.set(keyword, hash.digest('hex'));
  }
  return hashes;
}

/** Private elements, and group lengths, which depend on the encoding. */
function isBookkeeping({ tag }: ReadElement): boolean {
  return ((tag >>> 16) & 1) === 1 || (tag & 0xffff) === 0;
}

function update(hash: ReturnType<typeof createHash>, element: ReadElement): void {
  if (element.bytes !== null) {
    hash.update(`b${element.bytes.length}:`).update(element.bytes);
    return;
  }
  hash.update(`v${JSON.stringify(element.values)}i${element.items.length}`);
  for (const item of element.items) {
    for (const [keyword, inner] of item) {
      if (isBookkeeping(inner)) continue;
      hash.update(`${keyword}=`);
      update(hash, inner);
    }
    hash.update(';');
  }
}

function overall(hashes: ReadonlyMap<string, string>): string {
  const hash = createHash('sha256');
  for (const [keyword, digest] of hashes) hash.update(`${keyword}:${digest}\n`);
  return hash.digest('hex');
}
