import type { DicomJson } from '../contracts/index.ts';

/** Something worth telling that did not stop the reading. */
export interface Warning {
  readonly code: string;
  readonly message: string;
}

/** One fragment of encapsulated pixel data (PS3.5 A.4). */
export interface Fragment {
  /** Distance in bytes from the first fragment's item tag, as offset tables count. */
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** Pixel data as it is in the file; views into the bytes handed to `readInstance`, never copies. */
export type PixelBytes =
  | { readonly kind: 'native'; readonly vr: string; readonly bytes: Uint8Array }
  | {
      readonly kind: 'encapsulated';
      readonly fragments: readonly Fragment[];
      /** Basic Offset Table; empty when the file has none. */
      readonly offsets: readonly number[];
      /** Extended Offset Table and its lengths (7FE0,0001 and 7FE0,0002); empty when absent. */
      readonly extendedOffsets: readonly number[];
      readonly extendedLengths: readonly number[];
    }
  | { readonly kind: 'float' };

/** A DICOM instance as read from a Part 10 file. */
export interface ParsedInstance {
  readonly sopInstanceUid: string;
  readonly sopClassUid: string;
  /** Empty when the file has none. */
  readonly studyInstanceUid: string;
  /** Empty when the file has none. */
  readonly seriesInstanceUid: string;
  readonly transferSyntaxUid: string;
  /**
   * The data set in the DICOM JSON model without pixel data and values over 64 KiB. Text is Unicode
   * whatever the file's character set. DS values are the file's own digits, as text (PS3.18 F.2.3
   * allows it), so that results can copy them unchanged; IS values are numbers.
   */
  readonly dataset: DicomJson;
  readonly pixels: PixelBytes | null;
  readonly warnings: readonly Warning[];
}
