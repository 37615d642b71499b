import { EXPLICIT_LITTLE_ENDIAN } from '../dicom/file.ts';
import type { Volume } from '../../contracts/index.ts';
import { CODES, sameCode } from '../codes.ts';
import { itemOf, itemsOf, numberOf, readDicom, textOf, type ReadDataset } from '../read/dataset.ts';
import { readCode } from '../read/segmentation.ts';
import { dicomSource } from '../source.ts';
import { checkCommon } from './common.ts';
import { uidsOfSource, ValidationReport, type ValidationFinding } from './report.ts';
import { REPORT_TEMPLATE } from './template.ts';
import { checkTree } from './tree.ts';

/** Segment number of what is not segmented, in label maps. */
const BACKGROUND = 0;

/**
 * Checks a report against the standard's tables, its template, its evidence, its source and the
 * segmentation it measures, reading the bytes back with another reader than wrote them.
 * @param segmentation bytes of the SEG that is stored with it; null when none is.
 * @throws SitusError UNREADABLE_DICOM (refuse).
 */
export function validateSr(
  bytes: Uint8Array,
  volume: Volume,
  segmentation: Uint8Array | null,
): ValidationFinding[] {
  const report = new ValidationReport(uidsOfSource(volume));
  const file = readDicom(bytes);
  const { dataset } = file;
  checkCommon(
    file,
    volume,
    {
      modality: 'SR',
      kind: 'report',
      transferSyntaxes: [EXPLICIT_LITTLE_ENDIAN],
    },
    report,
  );
  checkTree(dataset, '1500', REPORT_TEMPLATE, report);
  const items = allItems(dataset, '');
  checkEvidence(dataset, items, volume, segmentation !== null, report);
  checkCompletion(dataset, items, report);
  checkUnits(items, volume, report);
  checkSegments(items, segmentation === null ? null : readDicom(segmentation).dataset, report);
  return report.findings;
}

interface Placed {
  readonly item: ReadDataset;
  readonly path: string;
  readonly name: string | null;
}

function allItems(parent: ReadDataset, path: string): Placed[] {
  return itemsOf(parent, 'ContentSequence').flatMap((item, index) => {
    const here = `${path}${path === '' ? '' : '/'}ContentSequence[${index + 1}]`;
    const name = readCode(item, 'ConceptNameCodeSequence')?.value ?? null;
    return [{ item, path: here, name }, ...allItems(item, here)];
  });
}

/** The evidence holds exactly what the tree refers to, in the series it belongs to. */
function checkEvidence(
  dataset: ReadDataset,
  items: readonly Placed[],
  volume: Volume,
  segmented: boolean,
  report: ValidationReport,
): void {
  const path = 'CurrentRequestedProcedureEvidenceSequence';
  const studies = itemsOf(dataset, path);
  const source = dicomSource(volume);
  const series = studies.flatMap((study) => itemsOf(study, 'ReferencedSeriesSequence'));
  const evidence = new Map<string, string>();
  for (const one of series) {
    for (const instance of itemsOf(one, 'ReferencedSOPSequence')) {
      const uid = textOf(instance, 'ReferencedSOPInstanceUID') ?? '';
      report.expect(!evidence.has(uid), 'evidence', path, `Instance ${uid} is listed twice.`);
      evidence.set(uid, textOf(one, 'SeriesInstanceUID') ?? '');
    }
  }
  const referred = new Set<string>();
  for (const { item, path: where } of items) {
    for (const reference of itemsOf(item, 'ReferencedSOPSequence')) {
      const uid = textOf(reference, 'ReferencedSOPInstanceUID') ?? '';
      referred.add(uid);
      report.expect(
        evidence.has(uid),
        'evidence',
        where,
        `Instance ${uid} is not in the evidence.`,
      );
    }
  }
  for (const uid of evidence.keys()) {
    report.expect(referred.has(uid), 'evidence', path, `Nothing refers to ${uid} in the evidence.`);
  }
  for (const { sopInstanceUid } of volume.slices) {
    const known = evidence.get(sopInstanceUid) === source.seriesInstanceUid;
    report.expect(known, 'evidence', path, `Source instance ${sopInstanceUid} is missing.`);
  }
  const study = studies.length === 1 && textOf(itemOf(dataset, path), 'StudyInstanceUID');
  const expected = segmented ? 2 : 1;
  report.expect(
    study === source.studyInstanceUid && series.length === expected,
    'evidence',
    path,
    `The evidence must hold one study with ${expected} series, it has ${series.length}.`,
  );
}

/** PARTIAL exactly when a measurement failed. */
function checkCompletion(
  dataset: ReadDataset,
  items: readonly Placed[],
  report: ValidationReport,
): void {
  const failed = items.some(({ item }) => item.has('NumericValueQualifierCodeSequence'));
  const flag = textOf(dataset, 'CompletionFlag') ?? '';
  const said = failed
    ? flag === 'PARTIAL' && dataset.has('CompletionFlagDescription')
    : flag === 'COMPLETE';
  const message = `The report is ${flag} although ${failed ? 'a' : 'no'} measurement failed.`;
  report.expect(said, 'completion', 'CompletionFlag', message);
}

/** Hounsfield units where, and only where, the volume has them. */
function checkUnits(items: readonly Placed[], volume: Volume, report: ValidationReport): void {
  const intensities: readonly (string | null)[] = [
    CODES.attenuationCoefficient.value,
    CODES.mrSignalIntensity.value,
  ];
  const expected = volume.unit === 'HU' ? CODES.hounsfield : CODES.arbitraryUnit;
  const quantity =
    dicomSource(volume).modality === 'CT' ? CODES.attenuationCoefficient : CODES.mrSignalIntensity;
  for (const { item, path, name } of items) {
    if (!intensities.includes(name)) continue;
    report.expect(name === quantity.value, 'quantity', path, `It should be ${quantity.meaning}.`);
    const [value] = itemsOf(item, 'MeasuredValueSequence');
    if (value === undefined) continue;
    const unit = readCode(value, 'MeasurementUnitsCodeSequence');
    const right = unit !== null && sameCode(unit, expected);
    report.expect(
      right,
      'unit',
      path,
      `The unit is ${unit?.value ?? 'none'}, not ${expected.value}.`,
    );
  }
}

/** Every group measures a segment that exists, of the same structure, with the same tracking. */
function checkSegments(
  items: readonly Placed[],
  segmentation: ReadDataset | null,
  report: ValidationReport,
): void {
  const groups = items.filter(({ name }) => name === CODES.measurementGroup.value);
  const segments = new Map(
    (segmentation === null ? [] : itemsOf(segmentation, 'SegmentSequence')).map((segment) => [
      numberOf(segment, 'SegmentNumber') ?? 0,
      segment,
    ]),
  );
  for (const { item, path } of groups) {
    const child = (value: string): ReadDataset =>
      itemsOf(item, 'ContentSequence').find(
        (one) => readCode(one, 'ConceptNameCodeSequence')?.value === value,
      ) ?? new Map();
    const reference = itemOf(child(CODES.referencedSegment.value), 'ReferencedSOPSequence');
    const number = numberOf(reference, 'ReferencedSegmentNumber');
    if (segmentation === null) {
      report.expect(
        number === null,
        'segment',
        path,
        'It refers to a segment, but no SEG is stored.',
      );
      continue;
    }
    const segment = segments.get(number ?? 0);
    segments.delete(number ?? 0);
    if (segment === undefined) {
      report.error(
        'segment',
        path,
        `Segment ${number ?? 'none'} is not in the SEG, or measured twice.`,
      );
      continue;
    }
    const same = (what: string, a: string | null, b: string | null): void => {
      report.expect(
        a === b,
        'segment',
        path,
        `${what}: ${a ?? 'none'} here, ${b ?? 'none'} in the SEG.`,
      );
    };
    same(
      'SEG',
      textOf(reference, 'ReferencedSOPInstanceUID'),
      textOf(segmentation, 'SOPInstanceUID'),
    );
    same(
      'Tracking ID',
      textOf(child(CODES.trackingIdentifier.value), 'TextValue'),
      textOf(segment, 'TrackingID'),
    );
    same(
      'Tracking UID',
      textOf(child(CODES.trackingUid.value), 'UID'),
      textOf(segment, 'TrackingUID'),
    );
    const type = itemOf(segment, 'SegmentedPropertyTypeCodeSequence');
    const site = child(CODES.findingSite.value);
    same(
      'Structure',
      codeText(child(CODES.finding.value), 'ConceptCodeSequence'),
      codeText(segment, 'SegmentedPropertyTypeCodeSequence'),
    );
    same(
      'Site',
      codeText(site, 'ConceptCodeSequence'),
      codeText(segment, 'SegmentedPropertyTypeCodeSequence'),
    );
    same(
      'Side',
      codeText(itemOf(site, 'ContentSequence'), 'ConceptCodeSequence'),
      codeText(type, 'SegmentedPropertyTypeModifierCodeSequence'),
    );
  }
  segments.delete(BACKGROUND);
  for (const number of segments.keys()) {
    report.error('segment', 'ContentSequence', `Segment ${number} of the SEG is not measured.`);
  }
}

function codeText(dataset: ReadDataset, keyword: string): string | null {
  const code = readCode(dataset, keyword);
  return code === null ? null : `(${code.value}, ${code.scheme}, "${code.meaning}")`;
}
