import { CODES } from '../codes.ts';
import { itemOf, itemsOf, numberOf, textOf, type ReadDataset } from '../read/dataset.ts';
import { readCode } from '../read/segmentation.ts';
import type { SegEncoding } from '../seg/kind.ts';
import type { ValidationReport } from './report.ts';

/**
 * The segments are numbered as their encoding wants it, each with a tracking UID of its own:
 * 1 to n without gaps in BINARY segmentations, ascending after the background 0 in label maps (§1.1).
 */
export function checkSegments(
  dataset: ReadDataset,
  encoding: SegEncoding,
  report: ValidationReport,
): void {
  const segments = itemsOf(dataset, 'SegmentSequence');
  if (encoding === 'BINARY') checkDense(dataset, segments, report);
  else checkAscending(segments, report);
  const tracking = new Set<string>();
  segments.forEach((segment, index) => {
    if (encoding === 'LABELMAP' && index === 0) return;
    const uid = textOf(segment, 'TrackingUID');
    const path = `SegmentSequence[${index + 1}]/TrackingUID`;
    report.expect(
      uid !== null && !tracking.has(uid) && textOf(segment, 'TrackingID') !== null,
      'tracking',
      path,
      `Tracking UID ${uid ?? ''} is used twice or stands without its other half.`,
    );
    tracking.add(uid ?? '');
  });
}

function checkDense(
  dataset: ReadDataset,
  segments: readonly ReadDataset[],
  report: ValidationReport,
): void {
  const framed = new Set(
    itemsOf(dataset, 'PerFrameFunctionalGroupsSequence').map((frame) =>
      numberOf(itemOf(frame, 'SegmentIdentificationSequence'), 'ReferencedSegmentNumber'),
    ),
  );
  segments.forEach((segment, index) => {
    const path = `SegmentSequence[${index + 1}]`;
    const number = numberOf(segment, 'SegmentNumber');
    const dense = `Segment ${number ?? '?'} stands at place ${index + 1}; numbers must be dense.`;
    report.expect(number === index + 1, 'segment-number', `${path}/SegmentNumber`, dense);
    const unused = `Segment ${index + 1} has no frame.`;
    report.expect(framed.delete(index + 1), 'segment-without-frame', path, unused);
  });
  for (const number of framed) {
    const message = `Frames refer to segment ${number ?? '?'}, which is not described.`;
    report.error('unknown-segment', 'PerFrameFunctionalGroupsSequence', message);
  }
}

function checkAscending(segments: readonly ReadDataset[], report: ValidationReport): void {
  const [background] = segments;
  const code = background === undefined ? null : readCode(background, TYPE);
  report.expect(
    background !== undefined &&
      numberOf(background, 'SegmentNumber') === 0 &&
      code?.value === CODES.background.value,
    'background',
    'SegmentSequence[1]',
    'The first segment of a label map must be number 0, the background.',
  );
  segments.forEach((segment, index) => {
    const number = numberOf(segment, 'SegmentNumber') ?? Number.NaN;
    const before = segments[index - 1];
    const least = before === undefined ? 0 : (numberOf(before, 'SegmentNumber') ?? 0) + 1;
    report.expect(
      number >= least && number <= 255,
      'segment-number',
      `SegmentSequence[${index + 1}]/SegmentNumber`,
      `Segment ${number} stands at place ${index + 1}; numbers must ascend up to 255.`,
    );
  });
}

const TYPE = 'SegmentedPropertyTypeCodeSequence';
