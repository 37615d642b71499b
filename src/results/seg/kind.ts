/** How a segmentation holds its pixels (PS3.3 C.8.20.2, dicom-seg-sr §1.1). */
export type SegEncoding = 'BINARY' | 'LABELMAP';

/** Segmentation Storage and Label Map Segmentation Storage (PS3.4 B.5). */
export const SEG_CLASSES: Readonly<Record<SegEncoding, string>> = {
  BINARY: '1.2.840.10008.5.1.4.1.1.66.4',
  LABELMAP: '1.2.840.10008.5.1.4.1.1.66.7',
};

/** The encoding of a storage class; null when it is no segmentation that Situs knows. */
export function segEncodingOf(sopClassUid: string | null): SegEncoding | null {
  if (sopClassUid === SEG_CLASSES.BINARY) return 'BINARY';
  return sopClassUid === SEG_CLASSES.LABELMAP ? 'LABELMAP' : null;
}
