import { fault } from '../../contracts/index.ts';
import { ByteBuffer } from './buffer.ts';
import type { Dataset } from './dataset.ts';
import { writeDataset } from './writer.ts';

export const EXPLICIT_LITTLE_ENDIAN = '1.2.840.10008.1.2.1';
export const RLE_LOSSLESS = '1.2.840.10008.1.2.5';
/** Names Situs as the writer of a file; a constant so that equal objects have equal bytes. */
const IMPLEMENTATION_CLASS = '2.25.268407398205371946182930570264481032941';
const IMPLEMENTATION_VERSION = 'SITUS_1';
const PREAMBLE = 128;
const LONGEST = 0xfffffffe;

/** Native pixels, made in place, so that a large object exists only once in memory. */
export interface NativePixels {
  /** Bytes, even. */
  readonly length: number;
  /** Fills a zeroed array of `length` bytes. */
  fill(bytes: Uint8Array): void;
}

/** Compressed pixels: one fragment a frame, each of even length (PS3.5 A.4). */
export interface EncapsulatedPixels {
  readonly transferSyntax: string;
  readonly fragments: readonly Uint8Array[];
}

export type PixelSource = NativePixels | EncapsulatedPixels;

/**
 * A DICOM file (PS3.10 7.1) in Explicit VR Little Endian: preamble, file meta information, data set
 * and, as last element, Pixel Data (OB), native or encapsulated.
 * @throws SitusError OBJECT_TOO_LARGE (fault) from 4 GiB of pixels on.
 */
export function writeFile(
  identity: { readonly sopClassUid: string; readonly sopInstanceUid: string },
  dataset: Dataset,
  pixels: PixelSource | null,
): Uint8Array {
  const head = new ByteBuffer();
  head.raw(new Uint8Array(PREAMBLE));
  head.text('DICM');
  const meta = new ByteBuffer();
  writeDataset(meta, {
    FileMetaInformationVersion: new Uint8Array([0, 1]),
    MediaStorageSOPClassUID: identity.sopClassUid,
    MediaStorageSOPInstanceUID: identity.sopInstanceUid,
    TransferSyntaxUID:
      pixels !== null && 'fragments' in pixels ? pixels.transferSyntax : EXPLICIT_LITTLE_ENDIAN,
    ImplementationClassUID: IMPLEMENTATION_CLASS,
    ImplementationVersionName: IMPLEMENTATION_VERSION,
  });
  writeDataset(head, { FileMetaInformationGroupLength: meta.length });
  head.raw(meta.view8());
  writeDataset(head, dataset);
  if (pixels === null) return head.view8().slice();
  head.uint16(0x7fe0);
  head.uint16(0x0010);
  head.text('OB');
  head.uint16(0);
  if ('fragments' in pixels) {
    writeFragments(head, pixels.fragments);
    return head.view8().slice();
  }
  if (pixels.length > LONGEST) {
    throw fault(
      'OBJECT_TOO_LARGE',
      `Pixel Data of ${pixels.length} bytes does not fit a DICOM element.`,
      { bytes: pixels.length },
    );
  }
  head.uint32(pixels.length);
  const file = new Uint8Array(head.length + pixels.length);
  file.set(head.view8());
  pixels.fill(file.subarray(head.length));
  return file;
}

/** Undefined length, an empty Basic Offset Table, an item a fragment, the delimiter (PS3.5 A.4). */
function writeFragments(into: ByteBuffer, fragments: readonly Uint8Array[]): void {
  const item = (element: number, length: number): void => {
    into.uint16(0xfffe);
    into.uint16(element);
    into.uint32(length);
  };
  into.uint32(0xffffffff);
  item(0xe000, 0);
  for (const fragment of fragments) {
    item(0xe000, fragment.length);
    into.raw(fragment);
  }
  item(0xe0dd, 0);
}
