import type { Volume } from '../../contracts/index.ts';
import {
  itemOf,
  itemsOf,
  numberOf,
  numbersOf,
  readDicom,
  textOf,
  textsOf,
  type ReadDataset,
} from '../read/dataset.ts';
import { EXPLICIT_LITTLE_ENDIAN, RLE_LOSSLESS } from '../dicom/file.ts';
import { packedLength } from '../seg/frames.ts';
import type { SegEncoding } from '../seg/kind.ts';
import { dicomSource, sourceInstances } from '../source.ts';
import { checkCommon, referencedInstance } from './common.ts';
import { checkLabelPixels } from './label-pixels.ts';
import { checkPixels } from './pixels.ts';
import { uidsOfSource, ValidationReport, type ValidationFinding } from './report.ts';
import { checkSegments } from './segments.ts';

/**
 * Checks a segmentation against the standard's tables, against its own references and against the
 * geometry of its source, reading the bytes back with another reader than wrote them. An object with
 * an error must not be stored.
 * @throws SitusError UNREADABLE_DICOM, UNSUPPORTED_SEGMENTATION, DECODE_FAILED (refuse).
 */
export function validateSeg(
  bytes: Uint8Array,
  volume: Volume,
  encoding: SegEncoding = 'BINARY',
): ValidationFinding[] {
  const report = new ValidationReport(uidsOfSource(volume));
  const file = readDicom(bytes);
  const { dataset } = file;
  const binary = encoding === 'BINARY';
  checkCommon(
    file,
    volume,
    {
      modality: 'SEG',
      kind: binary ? 'binary' : 'labelMap',
      transferSyntaxes: [EXPLICIT_LITTLE_ENDIAN, ...(binary ? [] : [RLE_LOSSLESS])],
    },
    report,
  );
  checkImage(dataset, volume, encoding, report);
  checkSegments(dataset, encoding, report);
  checkGeometry(dataset, volume, report);
  checkFrames(dataset, volume, encoding, report);
  checkReferences(dataset, volume, report);
  if (binary) {
    checkPackedLength(dataset, volume, report);
    checkPixels(dataset, report);
  } else {
    checkLabelPixels(file, report);
  }
  return report.findings;
}

/** What a segmentation's image attributes must be (PS3.3 C.8.20.2). */
const COMMON_VALUES: Readonly<Record<string, string>> = {
  ImageType: 'DERIVED\\PRIMARY',
  SamplesPerPixel: '1',
  PhotometricInterpretation: 'MONOCHROME2',
  PixelRepresentation: '0',
  SegmentsOverlap: 'NO',
};
const VALUES: Readonly<Record<SegEncoding, Readonly<Record<string, string>>>> = {
  BINARY: { BitsAllocated: '1', BitsStored: '1', HighBit: '0', SegmentationType: 'BINARY' },
  LABELMAP: {
    BitsAllocated: '8',
    BitsStored: '8',
    HighBit: '7',
    SegmentationType: 'LABELMAP',
    PixelPaddingValue: '0',
  },
};

function checkImage(
  dataset: ReadDataset,
  volume: Volume,
  encoding: SegEncoding,
  report: ValidationReport,
): void {
  const [, rows, columns] = volume.shape;
  const source = dicomSource(volume);
  const expected = {
    ...COMMON_VALUES,
    ...VALUES[encoding],
    Rows: String(rows),
    Columns: String(columns),
    NumberOfFrames: String(itemsOf(dataset, 'PerFrameFunctionalGroupsSequence').length),
    FrameOfReferenceUID: source.frameOfReferenceUid,
    LossyImageCompression: source.lossy === null ? '00' : '01',
  };
  for (const [keyword, value] of Object.entries(expected)) {
    const found = textsOf(dataset, keyword).join('\\');
    report.expect(found === value, 'image', keyword, `${keyword} is ${found}, not ${value}.`);
  }
  if (source.lossy !== null) {
    for (const keyword of ['LossyImageCompressionRatio', 'LossyImageCompressionMethod']) {
      if (dataset.has(keyword)) continue;
      report.warning('lossy', keyword, `The source is lossy but does not give its ${keyword}.`);
    }
  }
}

function checkPackedLength(dataset: ReadDataset, volume: Volume, report: ValidationReport): void {
  const [, rows, columns] = volume.shape;
  const frames = numberOf(dataset, 'NumberOfFrames') ?? 0;
  const length = packedLength(frames, rows * columns);
  const found = dataset.get('PixelData')?.bytes?.length ?? 0;
  const message = `Pixel Data has ${found} bytes, ${frames} frames need ${length}.`;
  report.expect(found === length, 'pixel-length', 'PixelData', message);
  if ((rows * columns) % 8 !== 0 || ((frames * rows * columns) / 8) % 2 === 1) {
    const advice = 'Some viewers misread such pixels; a label map is safe.';
    report.warning(
      'unaligned-frames',
      'PixelData',
      `Frames do not fill whole 16-bit words. ${advice}`,
    );
  }
}

function checkGeometry(dataset: ReadDataset, volume: Volume, report: ValidationReport): void {
  const source = dicomSource(volume);
  const path = 'SharedFunctionalGroupsSequence[1]';
  const shared = itemOf(dataset, 'SharedFunctionalGroupsSequence');
  const measures = itemOf(shared, 'PixelMeasuresSequence');
  const same = (keyword: string, group: ReadDataset, expected: readonly number[]): void => {
    const found = numbersOf(group, keyword);
    const message = `${keyword} is ${found.join('\\')}, the source's is ${expected.join('\\')}.`;
    report.expect(near(found, expected), 'geometry', `${path}/${keyword}`, message);
  };
  same(
    'ImageOrientationPatient',
    itemOf(shared, 'PlaneOrientationSequence'),
    source.imageOrientationPatient.map(Number),
  );
  same('PixelSpacing', measures, source.pixelSpacing.map(Number));
  same('SpacingBetweenSlices', measures, [volume.spacing[0]]);
}

function near(found: readonly number[], expected: readonly number[]): boolean {
  return (
    found.length === expected.length &&
    found.every((value, index) => {
      const other = expected[index] ?? Number.NaN;
      return Math.abs(value - other) <= 1e-9 * Math.max(1, Math.abs(other));
    })
  );
}

/** Every frame lies on the slice it names, and its dimension indices are dense and in order. */
function checkFrames(
  dataset: ReadDataset,
  volume: Volume,
  encoding: SegEncoding,
  report: ValidationReport,
): void {
  const slices = new Map(
    volume.slices.map((slice, index) => [
      `${slice.sopInstanceUid}#${slice.frameNumber ?? ''}`,
      index,
    ]),
  );
  const placed: { readonly segment: number; readonly slice: number; readonly position: number }[] =
    [];
  itemsOf(dataset, 'PerFrameFunctionalGroupsSequence').forEach((frame, index) => {
    const path = `PerFrameFunctionalGroupsSequence[${index + 1}]`;
    const source = itemOf(itemOf(frame, 'DerivationImageSequence'), 'SourceImageSequence');
    const uid = textOf(source, 'ReferencedSOPInstanceUID') ?? '';
    const slice = slices.get(`${uid}#${numberOf(source, 'ReferencedFrameNumber') ?? ''}`);
    if (slice === undefined) {
      report.error(
        'frame-source',
        `${path}/DerivationImageSequence`,
        `No slice comes from ${uid}.`,
      );
      return;
    }
    const position = numbersOf(itemOf(frame, 'PlanePositionSequence'), 'ImagePositionPatient');
    const expected = volume.slices[slice]?.imagePositionPatient.map(Number) ?? [];
    const message = `The frame lies at ${position.join('\\')}, its source at ${expected.join('\\')}.`;
    report.expect(
      near(position, expected),
      'frame-position',
      `${path}/PlanePositionSequence`,
      message,
    );
    const segment =
      numberOf(itemOf(frame, 'SegmentIdentificationSequence'), 'ReferencedSegmentNumber') ?? 0;
    const indices = numbersOf(itemOf(frame, 'FrameContentSequence'), 'DimensionIndexValues');
    const named = encoding === 'BINARY' ? indices.slice(0, 1) : [];
    const identified = encoding === 'BINARY' ? named[0] === segment : segment === 0;
    const indexed = `The dimension indices are ${indices.join('\\')}, the segment is ${segment}.`;
    report.expect(
      identified && indices.length === named.length + 1,
      'dimension',
      `${path}/FrameContentSequence`,
      indexed,
    );
    placed.push({ segment, slice, position: indices.at(-1) ?? 0 });
  });
  const kept = [...new Set(placed.map(({ slice }) => slice))].sort((a, b) => a - b);
  const rank = new Map(kept.map((slice, index) => [slice, index + 1]));
  placed.forEach(({ segment, slice, position }, index) => {
    const path = `PerFrameFunctionalGroupsSequence[${index + 1}]/FrameContentSequence`;
    const message = `The position index is ${position}, the slice is number ${rank.get(slice) ?? 0}.`;
    report.expect(position === rank.get(slice), 'dimension', path, message);
    const before = placed[index - 1];
    const ordered =
      before === undefined ||
      before.segment < segment ||
      (before.segment === segment && before.slice < slice);
    report.expect(
      ordered,
      'frame-order',
      path,
      'Frames must go by segment, then along the normal.',
    );
  });
}

/** Root references name exactly the source's instances, with their classes, in both sequences. */
function checkReferences(dataset: ReadDataset, volume: Volume, report: ValidationReport): void {
  const expected = sourceInstances(volume).map(
    ({ sopClassUid, sopInstanceUid }) => `${sopClassUid} ${sopInstanceUid}`,
  );
  const series = itemsOf(dataset, 'ReferencedSeriesSequence');
  const lists = {
    ReferencedSeriesSequence: series.flatMap((item) => itemsOf(item, 'ReferencedInstanceSequence')),
    SourceImageSequence: itemsOf(dataset, 'SourceImageSequence'),
  };
  for (const [keyword, items] of Object.entries(lists)) {
    const named = items.map(referencedInstance);
    const equal = [...named].sort().join() === [...expected].sort().join();
    const message = `${keyword} names ${named.length} instances, the source has ${expected.length}.`;
    report.expect(equal, 'references', keyword, message);
  }
  const uids = series.map((item) => textOf(item, 'SeriesInstanceUID'));
  const own = dicomSource(volume).seriesInstanceUid;
  report.expect(
    uids.length === 1 && uids[0] === own,
    'references',
    'ReferencedSeriesSequence',
    `The source series ${own} must be the only one referred to.`,
  );
}
