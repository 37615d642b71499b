import type { Volume } from '../../contracts/index.ts';
import { sliceLocation } from '../capture/encode.ts';
import { attributeOf } from '../dicom/dictionary.ts';
import { EXPLICIT_LITTLE_ENDIAN } from '../dicom/file.ts';
import {
  itemsOf,
  numberOf,
  numbersOf,
  readDicom,
  textOf,
  textsOf,
  type ReadDataset,
} from '../read/dataset.ts';
import { dicomSource, sourceInstances } from '../source.ts';
import { checkCommon, referencedInstance } from './common.ts';
import { uidsOfSource, ValidationReport, type ValidationFinding } from './report.ts';

/**
 * Checks pictures against the standard's tables, their source and the segmentation that they show,
 * reading the bytes back with another reader than wrote them.
 * @param segmentation bytes of the SEG that is stored with them.
 * @throws SitusError UNREADABLE_DICOM (refuse).
 */
export function validateCapture(
  bytes: Uint8Array,
  volume: Volume,
  segmentation: Uint8Array,
): ValidationFinding[] {
  const report = new ValidationReport(uidsOfSource(volume));
  const file = readDicom(bytes);
  const { dataset } = file;
  checkCommon(
    file,
    volume,
    {
      modality: 'OT',
      kind: 'capture',
      transferSyntaxes: [EXPLICIT_LITTLE_ENDIAN],
    },
    report,
  );
  checkImage(dataset, volume, report);
  checkFrames(dataset, volume, report);
  checkReferences(dataset, volume, readDicom(segmentation).dataset, report);
  return report.findings;
}

const VALUES: Readonly<Record<string, string>> = {
  ConversionType: 'WSD',
  ImageType: 'DERIVED\\SECONDARY',
  BurnedInAnnotation: 'YES',
  SamplesPerPixel: '3',
  PhotometricInterpretation: 'RGB',
  PlanarConfiguration: '0',
  BitsAllocated: '8',
  BitsStored: '8',
  HighBit: '7',
  PixelRepresentation: '0',
  FrameIncrementPointer: String(attributeOf('SliceLocationVector').tag),
};

function checkImage(dataset: ReadDataset, volume: Volume, report: ValidationReport): void {
  const lossy = dicomSource(volume).lossy === null ? '00' : '01';
  for (const [keyword, value] of Object.entries({ ...VALUES, LossyImageCompression: lossy })) {
    const found = textsOf(dataset, keyword).join('\\');
    report.expect(found === value, 'image', keyword, `${keyword} is ${found}, not ${value}.`);
  }
}

/** Every frame lies on a slice of the source, one after the other along the normal. */
function checkFrames(dataset: ReadDataset, volume: Volume, report: ValidationReport): void {
  const frames = numberOf(dataset, 'NumberOfFrames') ?? 0;
  const pixels = (numberOf(dataset, 'Rows') ?? 0) * (numberOf(dataset, 'Columns') ?? 0);
  const length = 3 * pixels * frames;
  const found = dataset.get('PixelData')?.bytes?.length ?? 0;
  report.expect(
    found === length && frames > 0,
    'pixel-length',
    'PixelData',
    `Pixel Data has ${found} bytes, ${frames} frames need ${length}.`,
  );
  const places = numbersOf(dataset, 'SliceLocationVector');
  report.expect(
    places.length === frames,
    'frame-position',
    'SliceLocationVector',
    `${places.length} places are given for ${frames} frames.`,
  );
  const slices = volume.slices.map((_, slice) => sliceLocation(volume, slice));
  let before = -1;
  for (const place of places) {
    const slice = slices.findIndex((one) => Math.abs(one - place) < 1e-3);
    report.expect(
      slice > before,
      'frame-position',
      'SliceLocationVector',
      `No slice after the one before lies at ${place} mm.`,
    );
    before = slice;
  }
}

/** The source's instances and the segmentation are named, each in its series, and nothing else. */
function checkReferences(
  dataset: ReadDataset,
  volume: Volume,
  segmentation: ReadDataset,
  report: ValidationReport,
): void {
  const text = (keyword: string) => textOf(segmentation, keyword) ?? '';
  const expected = [
    ...sourceInstances(volume).map(({ sopClassUid, sopInstanceUid }) =>
      [dicomSource(volume).seriesInstanceUid, sopClassUid, sopInstanceUid].join(' '),
    ),
    [text('SeriesInstanceUID'), text('SOPClassUID'), text('SOPInstanceUID')].join(' '),
  ].sort();
  const bySeries = itemsOf(dataset, 'ReferencedSeriesSequence').flatMap((series) =>
    itemsOf(series, 'ReferencedInstanceSequence').map(
      (item) => `${textOf(series, 'SeriesInstanceUID') ?? ''} ${referencedInstance(item)}`,
    ),
  );
  report.expect(
    bySeries.sort().join() === expected.join(),
    'references',
    'ReferencedSeriesSequence',
    `It names ${bySeries.length} instances, not the source's and the segmentation.`,
  );
  const sources = itemsOf(dataset, 'SourceImageSequence').map(referencedInstance);
  const instances = expected.map((one) => one.slice(one.indexOf(' ') + 1)).sort();
  report.expect(
    sources.sort().join() === instances.join(),
    'references',
    'SourceImageSequence',
    `It names ${sources.length} instances, not the source's and the segmentation.`,
  );
}
