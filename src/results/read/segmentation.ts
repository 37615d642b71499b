import type { Code } from '../../contracts/index.ts';
import { refuse } from '../../contracts/index.ts';
import {
  itemOf,
  itemsOf,
  numberOf,
  numbersOf,
  readDicom,
  textOf,
  textsOf,
  type ReadDataset,
} from './dataset.ts';
import { segEncodingOf, type SegEncoding } from '../seg/kind.ts';
import { nativePixels } from './pixels.ts';

const MOST_FRAMES = 200_000;

/** A described segment. */
export interface ReadSegment {
  readonly number: number;
  readonly label: string;
  readonly category: Code | null;
  readonly type: Code | null;
  readonly modifier: Code | null;
  readonly algorithmType: string | null;
  readonly algorithmName: string | null;
  readonly trackingId: string | null;
  readonly trackingUid: string | null;
  readonly cielab: readonly number[];
}

/** Where a frame lies. `segment` is null in label maps, whose pixels are segment numbers. */
export interface ReadFrame {
  readonly segment: number | null;
  readonly position: readonly number[];
  readonly orientation: readonly number[];
  readonly source: { readonly sopInstanceUid: string; readonly frameNumber: number | null } | null;
}

export interface ReadSegmentation {
  readonly sopInstanceUid: string;
  readonly seriesInstanceUid: string;
  readonly studyInstanceUid: string;
  readonly frameOfReferenceUid: string | null;
  readonly kind: SegEncoding;
  readonly rows: number;
  readonly columns: number;
  readonly pixelSpacing: readonly number[];
  readonly sliceSpacing: number | null;
  readonly segments: readonly ReadSegment[];
  readonly frames: readonly ReadFrame[];
  /** The series and instances that the object says it was made from. */
  readonly references: readonly {
    readonly seriesInstanceUid: string;
    readonly sopInstanceUids: readonly string[];
  }[];
  /** Pixels of a frame, row-major: 0 or 1, in label maps the segment number. */
  pixels(frame: number): Uint8Array;
}

/**
 * Reads a DICOM Segmentation, ours or someone else's: BINARY or 8-bit LABELMAP, uncompressed or (label
 * maps) in RLE Lossless, functional groups shared or per frame.
 * @throws SitusError UNREADABLE_DICOM, NOT_A_SEGMENTATION, UNSUPPORTED_SEGMENTATION,
 * DECODE_FAILED, TRUNCATED_PIXEL_DATA (refuse).
 */
export function readSeg(bytes: Uint8Array): ReadSegmentation {
  const file = readDicom(bytes);
  const { dataset } = file;
  const sopClass = textOf(dataset, 'SOPClassUID');
  const uid = textOf(dataset, 'SOPInstanceUID') ?? '';
  const kind = segEncodingOf(sopClass);
  if (kind === null) {
    throw unsuitable('NOT_A_SEGMENTATION', uid, `is of class ${sopClass ?? 'unknown'}`);
  }
  const bits = numberOf(dataset, 'BitsAllocated');
  if (textOf(dataset, 'SegmentationType') !== kind || bits !== (kind === 'BINARY' ? 1 : 8)) {
    throw unsuitable('UNSUPPORTED_SEGMENTATION', uid, 'is neither BINARY nor an 8-bit LABELMAP');
  }
  const rows = numberOf(dataset, 'Rows') ?? 0;
  const columns = numberOf(dataset, 'Columns') ?? 0;
  const count = numberOf(dataset, 'NumberOfFrames') ?? 0;
  const frameItems = itemsOf(dataset, 'PerFrameFunctionalGroupsSequence');
  if (rows < 1 || columns < 1 || count !== frameItems.length || count > MOST_FRAMES) {
    throw unsuitable(
      'UNSUPPORTED_SEGMENTATION',
      uid,
      `describes ${frameItems.length} frames of ${count}`,
    );
  }
  const packed = nativePixels(file);
  const area = rows * columns;
  if (packed.length < Math.ceil((count * area * bits) / 8)) {
    throw unsuitable('TRUNCATED_PIXEL_DATA', uid, `has ${packed.length} bytes of pixels, too few`);
  }
  const shared = itemOf(dataset, 'SharedFunctionalGroupsSequence');
  const measures = itemOf(
    [shared, ...frameItems].find((groups) => groups.has('PixelMeasuresSequence')) ?? shared,
    'PixelMeasuresSequence',
  );
  return {
    sopInstanceUid: uid,
    seriesInstanceUid: textOf(dataset, 'SeriesInstanceUID') ?? '',
    studyInstanceUid: textOf(dataset, 'StudyInstanceUID') ?? '',
    frameOfReferenceUid: textOf(dataset, 'FrameOfReferenceUID'),
    kind,
    rows,
    columns,
    pixelSpacing: numbersOf(measures, 'PixelSpacing'),
    sliceSpacing: numberOf(measures, 'SpacingBetweenSlices'),
    segments: itemsOf(dataset, 'SegmentSequence').map(toSegment),
    frames: frameItems.map((frame) => toFrame(frame, shared)),
    references: itemsOf(dataset, 'ReferencedSeriesSequence').map((series) => ({
      seriesInstanceUid: textOf(series, 'SeriesInstanceUID') ?? '',
      sopInstanceUids: itemsOf(series, 'ReferencedInstanceSequence').flatMap((instance) =>
        textsOf(instance, 'ReferencedSOPInstanceUID'),
      ),
    })),
    pixels: (frame) =>
      kind === 'LABELMAP'
        ? packed.slice(frame * area, (frame + 1) * area)
        : unpack(packed, frame * area, area),
  };
}

/** Pixels of a bit stream, first pixel in the least significant bit (PS3.5 8.1.1). */
export function unpack(packed: Uint8Array, firstBit: number, count: number): Uint8Array {
  const pixels = new Uint8Array(count);
  for (let index = 0; index < count; index += 1) {
    const bit = firstBit + index;
    pixels[index] = ((packed[Math.floor(bit / 8)] ?? 0) >> (bit % 8)) & 1;
  }
  return pixels;
}

/** A code sequence's first item; null when absent. */
export function readCode(dataset: ReadDataset, keyword: string): Code | null {
  const [item] = itemsOf(dataset, keyword);
  const value = item === undefined ? null : textOf(item, 'CodeValue');
  if (item === undefined || value === null) return null;
  return {
    value,
    scheme: textOf(item, 'CodingSchemeDesignator') ?? '',
    meaning: textOf(item, 'CodeMeaning') ?? '',
  };
}

function toSegment(item: ReadDataset): ReadSegment {
  const type = itemOf(item, 'SegmentedPropertyTypeCodeSequence');
  return {
    number: numberOf(item, 'SegmentNumber') ?? 0,
    label: textOf(item, 'SegmentLabel') ?? '',
    category: readCode(item, 'SegmentedPropertyCategoryCodeSequence'),
    type: readCode(item, 'SegmentedPropertyTypeCodeSequence'),
    modifier: readCode(type, 'SegmentedPropertyTypeModifierCodeSequence'),
    algorithmType: textOf(item, 'SegmentAlgorithmType'),
    algorithmName: textOf(item, 'SegmentAlgorithmName'),
    trackingId: textOf(item, 'TrackingID'),
    trackingUid: textOf(item, 'TrackingUID'),
    cielab: numbersOf(item, 'RecommendedDisplayCIELabValue'),
  };
}

function toFrame(frame: ReadDataset, shared: ReadDataset): ReadFrame {
  const group = (keyword: string): ReadDataset =>
    itemOf(frame.has(keyword) ? frame : shared, keyword);
  const source = itemOf(group('DerivationImageSequence'), 'SourceImageSequence');
  const sopInstanceUid = textOf(source, 'ReferencedSOPInstanceUID');
  return {
    segment: numberOf(group('SegmentIdentificationSequence'), 'ReferencedSegmentNumber'),
    position: numbersOf(group('PlanePositionSequence'), 'ImagePositionPatient'),
    orientation: numbersOf(group('PlaneOrientationSequence'), 'ImageOrientationPatient'),
    source:
      sopInstanceUid === null
        ? null
        : { sopInstanceUid, frameNumber: numberOf(source, 'ReferencedFrameNumber') },
  };
}

function unsuitable(errorCode: string, uid: string, problem: string): Error {
  return refuse(
    errorCode,
    `Object ${uid} ${problem}.`,
    'Only BINARY or 8-bit LABELMAP segmentations can be read; export it again as one.',
    { instance: uid },
  );
}
