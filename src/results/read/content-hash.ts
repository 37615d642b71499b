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

export interface ContentComparison {
  /** Root attributes that differ; empty when both say the same. */
  readonly differing: readonly string[];
  /** SHA-256 of the content that was sent. */
  readonly sha256: string;
  /** UID of the transfer syntax that came back; null when it is the one that was sent. */
  readonly otherTransferSyntax: string | null;
}

/**
 * Whether two files say the same: pixel data and every element of the data set, whatever the file
 * meta information, padding, sequence lengths, transfer syntax or encoding of text look like. Patient and
 * study attributes, private elements and group lengths are left out, for archives may change them.
 * @throws SitusError UNREADABLE_DICOM, UNSUPPORTED_TRANSFER_SYNTAX, UNSUPPORTED_SEGMENTATION,
 *   DECODE_FAILED (refuse).
 */
export function compareContent(sent: Uint8Array, returned: Uint8Array): ContentComparison {
  const [from, back] = [readDicom(sent), readDicom(returned)];
  const [before, after] = [elementHashes(from), elementHashes(back)];
  const keywords = new Set([...before.keys(), ...after.keys()]);
  return {
    differing: [...keywords].filter((keyword) => before.get(keyword) !== after.get(keyword)),
    sha256: overall(before),
    otherTransferSyntax: back.transferSyntax === from.transferSyntax ? null : back.transferSyntax,
  };
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
