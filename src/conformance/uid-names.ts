import { fault } from '../contracts/index.ts';

/** Names of the UIDs that Situs knows (PS3.6 Annex A), without `1.2.840.10008.` before them. */
const NAMES: Readonly<Record<string, string>> = {
  '1.2': 'Implicit VR Little Endian',
  '1.2.1': 'Explicit VR Little Endian',
  '1.2.1.98': 'Encapsulated Uncompressed Explicit VR Little Endian',
  '1.2.1.99': 'Deflated Explicit VR Little Endian',
  '1.2.2': 'Explicit VR Big Endian (retired)',
  '1.2.4.50': 'JPEG Baseline (Process 1)',
  '1.2.4.51': 'JPEG Extended (Process 2 and 4)',
  '1.2.4.57': 'JPEG Lossless, Non-Hierarchical (Process 14)',
  '1.2.4.70': 'JPEG Lossless, First-Order Prediction (Process 14, Selection Value 1)',
  '1.2.4.80': 'JPEG-LS Lossless',
  '1.2.4.81': 'JPEG-LS Lossy (Near-Lossless)',
  '1.2.4.90': 'JPEG 2000 Lossless Only',
  '1.2.4.91': 'JPEG 2000',
  '1.2.4.201': 'High-Throughput JPEG 2000 Lossless Only',
  '1.2.4.202': 'High-Throughput JPEG 2000 with RPCL Options, Lossless Only',
  '1.2.4.203': 'High-Throughput JPEG 2000',
  '1.2.5': 'RLE Lossless',
  '1.2.8.1': 'Deflated Image Frame Compression',
  '5.1.4.1.1.2': 'CT Image Storage',
  '5.1.4.1.1.2.1': 'Enhanced CT Image Storage',
  '5.1.4.1.1.2.2': 'Legacy Converted Enhanced CT Image Storage',
  '5.1.4.1.1.4': 'MR Image Storage',
  '5.1.4.1.1.4.1': 'Enhanced MR Image Storage',
  '5.1.4.1.1.4.4': 'Legacy Converted Enhanced MR Image Storage',
  '5.1.4.1.1.66.4': 'Segmentation Storage',
  '5.1.4.1.1.66.7': 'Label Map Segmentation Storage',
  '5.1.4.1.1.7.4': 'Multi-frame True Color Secondary Capture Image Storage',
  '5.1.4.1.1.88.34': 'Comprehensive 3D SR Storage',
  '5.1.4.1.1.88.59': 'Key Object Selection Document Storage',
};
const ROOT = '1.2.840.10008.';

/**
 * The name of a UID of the standard.
 * @throws SitusError UNNAMED_UID (fault), so that no class or syntax goes into the statement unnamed.
 */
export function uidName(uid: string): string {
  const name = uid.startsWith(ROOT) ? NAMES[uid.slice(ROOT.length)] : undefined;
  if (name !== undefined) return name;
  throw fault('UNNAMED_UID', `${uid} is used but has no name in src/conformance/uid-names.ts.`);
}
