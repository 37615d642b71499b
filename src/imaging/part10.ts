import { inflateRawSync } from 'node:zlib';

import { refuse } from '../contracts/index.ts';
import type { DicomJson } from '../contracts/index.ts';

import { DataSetWalker } from './data-set.ts';
import { textOf } from './elements.ts';
import type { ParsedInstance } from './parsed-instance.ts';

const DEFLATED = '1.2.840.10008.1.2.1.99';
const IMPLICIT = '1.2.840.10008.1.2';
const BIG_ENDIAN = '1.2.840.10008.1.2.2';
export interface ReadOptions {
  /** What a deflated data set may grow to; more is taken for an attack on memory. Default 1 GiB. */
  readonly maximumInflatedBytes?: number;
}

const MAX_INFLATED_BYTES = 1024 * 1024 * 1024;
const MEDIA_DIRECTORY = '1.2.840.10008.1.3.10';
const META_START = 132;
const UID = /^[0-9]+(\.[0-9]+)*$/;

/**
 * Reads a DICOM file (PS3.10). Every element is read by dcmjs; the walk through the structure is
 * ours, because dcmjs returns shortened values for cut files, inflates without limit, cannot read
 * several character sets and copies pixel data.
 *
 * @throws SitusError NOT_DICOM no Part 10 file, or a DICOMDIR; TRUNCATED_FILE an element or sequence goes beyond
 *   the end; INVALID_DICOM the structure is broken or a mandatory attribute is missing;
 *   DATA_SET_TOO_LARGE a bound on nesting, elements or inflated size was passed.
 */
export function readInstance(bytes: Uint8Array, options: ReadOptions = {}): ParsedInstance {
  if (bytes.length < META_START + 8 || !hasPrefix(bytes)) {
    throw refuse(
      'NOT_DICOM',
      'The file is no DICOM file: the prefix "DICM" is missing at byte 128.',
      'Leave the file out, or export it again as a DICOM Part 10 file.',
      { bytes: bytes.length },
    );
  }
  const meta = new DataSetWalker(bytes, { implicit: false, bigEndian: false }).walkMeta(META_START);
  if (textOf(meta.elements, 'MediaStorageSOPClassUID') === MEDIA_DIRECTORY) {
    throw refuse(
      'NOT_DICOM',
      'The file is a DICOM directory (DICOMDIR), a table of contents and no object itself.',
      'Leave the file out; the objects it lists are files of their own.',
      { bytes: bytes.length },
    );
  }
  const transferSyntaxUid = requiredUid(meta.elements, 'TransferSyntaxUID');
  const body =
    transferSyntaxUid === DEFLATED
      ? {
          bytes: inflate(
            bytes.subarray(meta.end),
            options.maximumInflatedBytes ?? MAX_INFLATED_BYTES,
          ),
          offset: 0,
        }
      : { bytes, offset: meta.end };
  const walker = new DataSetWalker(body.bytes, {
    implicit: transferSyntaxUid === IMPLICIT,
    bigEndian: transferSyntaxUid === BIG_ENDIAN,
  });
  const { elements, pixels } = walker.walkDataSet(body.offset);
  return {
    sopInstanceUid: requiredUid(elements, 'SOPInstanceUID'),
    sopClassUid: requiredUid(elements, 'SOPClassUID'),
    studyInstanceUid: textOf(elements, 'StudyInstanceUID') ?? '',
    seriesInstanceUid: textOf(elements, 'SeriesInstanceUID') ?? '',
    transferSyntaxUid,
    dataset: elements,
    pixels,
    warnings: walker.warnings,
  };
}

function hasPrefix(bytes: Uint8Array): boolean {
  return bytes[128] === 0x44 && bytes[129] === 0x49 && bytes[130] === 0x43 && bytes[131] === 0x4d;
}

function requiredUid(elements: DicomJson, keyword: string): string {
  const uid = textOf(elements, keyword);
  if (uid !== null && uid.length <= 64 && UID.test(uid)) return uid;
  throw refuse(
    'INVALID_DICOM',
    uid === null
      ? `The DICOM file has no ${keyword}.`
      : `The ${keyword} of the DICOM file is no valid UID.`,
    'Ask the sender for a valid object; Situs cannot identify this one.',
    { attribute: keyword },
  );
}

function inflate(deflated: Uint8Array, maximum: number): Uint8Array {
  try {
    return inflateRawSync(deflated, { maxOutputLength: maximum });
  } catch (error) {
    const tooLarge =
      typeof error === 'object' &&
      error !== null &&
      'code' in error &&
      error.code === 'ERR_BUFFER_TOO_LARGE';
    throw refuse(
      tooLarge ? 'DATA_SET_TOO_LARGE' : 'TRUNCATED_FILE',
      tooLarge
        ? `The deflated data set grows beyond ${maximum} bytes.`
        : 'The deflated data set cannot be inflated: it is cut or damaged.',
      'Fetch the instance again, or ask the archive for Explicit VR Little Endian.',
      { attribute: 'TransferSyntaxUID', transferSyntaxUid: DEFLATED },
      error,
    );
  }
}
