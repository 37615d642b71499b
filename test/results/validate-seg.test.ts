import { describe, expect, it } from '@jest/globals';
import { encodeSeg, validateSeg } from '../../src/results/index.ts';
import { altered, rawItems, rawValue, setRaw, type RawDataset } from '../support/dicom-objects.ts';
import { makeResultInput } from '../support/results.ts';
import { STRUCTURE_NAMES } from '../support/structures.ts';
import { makeLabels, makeVolume } from '../support/volume.ts';

const volume = makeVolume({ shape: [4, 16, 16] });
const labels = makeLabels(volume, STRUCTURE_NAMES, (column, row, slice) =>
  slice === 2 ? 0 : ([0, 2, 3, 13][Math.floor(column / 4)] ?? 0) * Number(row > 3),
);
const { bytes } = encodeSeg(makeResultInput(volume, labels));

const segment = (dataset: RawDataset, index: number) => rawItems(dataset, '00620002')[index];
const frame = (dataset: RawDataset, index: number) => rawItems(dataset, '52009230')[index];
const shared = (dataset: RawDataset) => rawItems(dataset, '52009229')[0];
const sourceOf = (dataset: RawDataset, index: number) =>
  rawItems(rawItems(frame(dataset, index), '00089124')[0], '00082112')[0];

/** Removes an element; dcmjs's types have no optional elements. */
function remove(dataset: RawDataset | undefined, tag: string): void {
  if (dataset !== undefined) delete dataset[tag];
}

function pixels(dataset: RawDataset, change: (bytes: Uint8Array) => Uint8Array): void {
  const changed = change(new Uint8Array(rawValue(dataset, '7FE00010') as Uint8Array));
  setRaw(dataset, '7FE00010', 'OB', changed.buffer);
}

function swap(dataset: RawDataset, tag: string, a: number, b: number): void {
  const items = dataset[tag]?.Value;
  if (items !== undefined) [items[a], items[b]] = [items[b], items[a]];
}

describe('the validator of segmentations', () => {
  it('finds nothing in what was encoded, nor in a rewritten copy of it', () => {
    expect(validateSeg(bytes, volume)).toEqual([]);
    expect(
      validateSeg(
        altered(bytes, () => undefined),
        volume,
      ),
    ).toEqual([]);
  });

  it('warns of frames that some viewers misread, without an error', () => {
    const small = makeVolume();
    const seg = encodeSeg(
      makeResultInput(
        small,
        makeLabels(small, STRUCTURE_NAMES, () => 1),
      ),
    );
    expect(validateSeg(seg.bytes, small).map(({ rule, level }) => [rule, level])).toEqual([
      ['unaligned-frames', 'warning'],
    ]);
  });

  it.each<[string, string, (dataset: RawDataset) => void]>([
    ['type-1-missing', 'SegmentSequence', (d) => remove(d, '00620002')],
    ['type-1-missing', 'SegmentSequence[2]/SegmentLabel', (d) => remove(segment(d, 1), '00620005')],
    ['type-1-empty', 'ContentLabel', (d) => setRaw(d, '00700080', 'CS')],
    ['type-1-missing', 'DeviceSerialNumber', (d) => remove(d, '00181000')],
    ['type-1-missing', 'FrameOfReferenceUID', (d) => remove(d, '00200052')],
    ['type-1-missing', 'SegmentsOverlap', (d) => remove(d, '00620013')],
    [
      'type-1-missing',
      'SharedFunctionalGroupsSequence[1]/PixelMeasuresSequence[1]/SpacingBetweenSlices',
      (d) => remove(rawItems(shared(d), '00289110')[0], '00180088'),
    ],
    [
      'type-1-missing',
      'PerFrameFunctionalGroupsSequence[3]/PlanePositionSequence',
      (d) => remove(frame(d, 2), '00209113'),
    ],
    ['type-2-missing', 'PositionReferenceIndicator', (d) => remove(d, '00201040')],
    ['unknown-attribute', '00091001', (d) => setRaw(d, '00091001', 'LO', 'x')],
    ['wrong-vr', 'ContentLabel', (d) => setRaw(d, '00700080', 'LO', 'MR_SEG')],
    ['invalid-value', 'ContentLabel', (d) => setRaw(d, '00700080', 'CS', 'mr seg')],
    ['invalid-value', 'SeriesDescription', (d) => setRaw(d, '0008103E', 'LO', 'x'.repeat(65))],
    [
      'invalid-value',
      'SOPInstanceUID',
      (d) => setRaw(d, '00080018', 'UI', `2.25.${'9'.repeat(39)}`),
    ],
    ['wrong-multiplicity', 'ImageType', (d) => setRaw(d, '00080008', 'CS', 'DERIVED')],
    [
      'code-meaning',
      'SegmentSequence[3]/SegmentedPropertyCategoryCodeSequence[1]',
      (d) => setRaw(rawItems(segment(d, 2), '00620003')[0], '00080104', 'LO', 'Organ'),
    ],
    [
      'code-meaning',
      'SegmentSequence[2]/SegmentedPropertyTypeCodeSequence[1]',
      (d) => setRaw(rawItems(segment(d, 1), '0062000F')[0], '00080104', 'LO', 'Left kidney'),
    ],
    [
      'incomplete-code',
      'SegmentSequence[1]/SegmentedPropertyTypeCodeSequence[1]',
      (d) => remove(rawItems(segment(d, 0), '0062000F')[0], '00080102'),
    ],
    ['wrong-class', 'SOPClassUID', (d) => setRaw(d, '00080016', 'UI', '1.2.3')],
    ['meta-mismatch', 'MediaStorageSOPInstanceUID', (d) => setRaw(d, '00080018', 'UI', '1.2.3')],
    ['wrong-study', 'StudyInstanceUID', (d) => setRaw(d, '0020000D', 'UI', '1.2.3')],
    ['wrong-charset', 'SpecificCharacterSet', (d) => setRaw(d, '00080005', 'CS', 'ISO_IR 100')],
    [
      'uid-reused',
      'SeriesInstanceUID',
      (d) => setRaw(d, '0020000E', 'UI', volume.source?.seriesInstanceUid),
    ],
    ['not-copied', 'PatientID', (d) => setRaw(d, '00100020', 'LO', 'someone else')],
    ['contributing-equipment', 'ContributingEquipmentSequence', (d) => remove(d, '0018A001')],
    ['image', 'SegmentationType', (d) => setRaw(d, '00620001', 'CS', 'FRACTIONAL')],
    ['image', 'Rows', (d) => setRaw(d, '00280010', 'US', 15)],
    ['image', 'NumberOfFrames', (d) => setRaw(d, '00280008', 'IS', '3')],
    ['image', 'LossyImageCompression', (d) => setRaw(d, '00282110', 'CS', '01')],
    ['pixel-length', 'PixelData', (d) => pixels(d, (all) => all.slice(2))],
    [
      'segment-number',
      'SegmentSequence[2]/SegmentNumber',
      (d) => setRaw(segment(d, 1), '00620004', 'US', 7),
    ],
    [
      'segment-without-frame',
      'SegmentSequence[4]',
      (d) => d['00620002']?.Value.push(structuredClone(segment(d, 0))),
    ],
    [
      'tracking',
      'SegmentSequence[2]/TrackingUID',
      (d) => setRaw(segment(d, 1), '00620021', 'UI', rawValue(segment(d, 0), '00620021')),
    ],
    [
      'unknown-segment',
      'PerFrameFunctionalGroupsSequence',
      (d) => setRaw(rawItems(frame(d, 0), '0062000A')[0], '0062000B', 'US', 9),
    ],
    [
      'geometry',
      'SharedFunctionalGroupsSequence[1]/PixelSpacing',
      (d) => setRaw(rawItems(shared(d), '00289110')[0], '00280030', 'DS', '1', '1'),
    ],
    [
      'geometry',
      'SharedFunctionalGroupsSequence[1]/ImageOrientationPatient',
      (d) =>
        setRaw(rawItems(shared(d), '00209116')[0], '00200037', 'DS', '1', '0', '0', '0', '1', '0'),
    ],
    [
      'frame-position',
      'PerFrameFunctionalGroupsSequence[2]/PlanePositionSequence',
      (d) => setRaw(rawItems(frame(d, 1), '00209113')[0], '00200032', 'DS', '0', '0', '0'),
    ],
    [
      'frame-source',
      'PerFrameFunctionalGroupsSequence[2]/DerivationImageSequence',
      (d) => setRaw(sourceOf(d, 1), '00081155', 'UI', '1.2.3'),
    ],
    [
      'frame-source',
      'PerFrameFunctionalGroupsSequence[1]/DerivationImageSequence',
      (d) => setRaw(sourceOf(d, 0), '00081160', 'IS', '1'),
    ],
    [
      'dimension',
      'PerFrameFunctionalGroupsSequence[3]/FrameContentSequence',
      (d) => setRaw(rawItems(frame(d, 2), '00209111')[0], '00209157', 'UL', 1, 4),
    ],
    [
      'frame-order',
      'PerFrameFunctionalGroupsSequence[2]/FrameContentSequence',
      (d) => swap(d, '52009230', 0, 1),
    ],
    [
      'references',
      'ReferencedSeriesSequence',
      (d) => rawItems(rawItems(d, '00081115')[0], '0008114A').pop(),
    ],
    ['references', 'SourceImageSequence', (d) => rawItems(d, '00082112').pop()],
    [
      'empty-frame',
      'PerFrameFunctionalGroupsSequence[1]',
      (d) => pixels(d, (all) => all.fill(0, 0, 32)),
    ],
    [
      'overlap',
      'PerFrameFunctionalGroupsSequence[4]',
      (d) => pixels(d, (all) => all.fill(0xff, 96, 128)),
    ],
  ])('reports %s at %s', (rule, path, change) => {
    const found = validateSeg(altered(bytes, change), volume);
    expect(found).toContainEqual(
      expect.objectContaining({ rule, path, level: 'error', message: expect.any(String) }),
    );
  });

  it('names tags beside paths', () => {
    const found = validateSeg(
      altered(bytes, (dataset) => remove(segment(dataset, 1), '00620005')),
      volume,
    );
    expect(found.map(({ tag }) => tag)).toEqual(['(0062,0005)']);
  });

  it('notices bits after the last pixel', () => {
    const odd = makeVolume({ shape: [1, 3, 3] });
    const seg = encodeSeg(
      makeResultInput(
        odd,
        makeLabels(odd, STRUCTURE_NAMES, () => 1),
      ),
    );
    const dirty = altered(seg.bytes, (dataset) =>
      pixels(dataset, (all) => all.map((byte, index) => (index === 1 ? byte | 0x80 : byte))),
    );
    expect(validateSeg(dirty, odd).map(({ rule }) => rule)).toContain('padding');
  });
});
