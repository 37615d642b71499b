import type { Code, Findings, StructureFindings } from '../../contracts/index.ts';
import { CODES } from '../codes.ts';
import { algorithmNames, fitText } from '../equipment.ts';
import type { Algorithm } from '../input.ts';
import type { PresentSegment } from '../segments.ts';
import { code, container, image, number, text, uidref, type ContentItem } from './content.ts';

/** The segmentation that the measurements were made in; null when none is stored. */
export interface SegmentationReference {
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
  readonly seriesInstanceUid: string;
}

export interface MeasurementContext {
  readonly findings: Findings;
  readonly modality: 'CT' | 'MR';
  readonly segmentation: SegmentationReference | null;
  readonly sourceSeriesUid: string;
  readonly algorithm: Algorithm;
}

const DERIVATIONS = [
  ['mean', CODES.mean],
  ['sd', CODES.standardDeviation],
  ['median', CODES.median],
  ['minimum', CODES.minimum],
  ['maximum', CODES.maximum],
] as const;

/**
 * The measurement group of one structure: TID 1411, or TID 1501 when no segmentation is stored.
 * Rows in the template's order: tracking, finding, segment, source, site, algorithm, numbers,
 * evaluations (PS3.16 TID 1411, 1419, 4019; dicom-seg-sr §2.2).
 */
export function measurementGroup(
  segment: PresentSegment,
  context: MeasurementContext,
): { readonly item: ContentItem; readonly failed: boolean } {
  const { structure } = segment;
  const found = context.findings.structures.find(({ label }) => label === segment.label) ?? null;
  const numbers = numericItems(found, context);
  const reference = context.segmentation;
  const children = [
    text('HAS OBS CONTEXT', CODES.trackingIdentifier, segment.trackingId),
    uidref('HAS OBS CONTEXT', CODES.trackingUid, segment.trackingUid),
    code('CONTAINS', CODES.findingCategory, structure.category),
    code('CONTAINS', CODES.finding, structure.type),
    ...(reference === null
      ? []
      : [
          image(CODES.referencedSegment, { ...reference, segment: segment.number }),
          uidref('CONTAINS', CODES.sourceSeries, context.sourceSeriesUid),
        ]),
    code(
      'HAS CONCEPT MOD',
      CODES.findingSite,
      structure.type,
      structure.laterality === null
        ? []
        : [code('HAS CONCEPT MOD', CODES.laterality, structure.laterality)],
    ),
    ...algorithmItems(context.algorithm),
    ...numbers.items,
    ...(found === null
      ? []
      : [code('CONTAINS', CODES.truncated, found.truncated ? CODES.yes : CODES.no)]),
  ];
  return {
    item: container(CODES.measurementGroup, children, reference === null ? '1501' : '1411'),
    failed: numbers.failed,
  };
}

/** TID 4019. */
function algorithmItems(algorithm: Algorithm): ContentItem[] {
  const { name, version, manufacturer } = algorithmNames(algorithm);
  return [
    text('HAS CONCEPT MOD', CODES.algorithmName, name),
    text('HAS CONCEPT MOD', CODES.algorithmVersion, version),
    text('HAS CONCEPT MOD', CODES.algorithmManufacturer, manufacturer),
    ...(algorithm.parameters ?? []).map((parameter) =>
      text('HAS CONCEPT MOD', CODES.algorithmParameters, fitText(parameter, 1_024)),
    ),
    code('HAS CONCEPT MOD', CODES.algorithmFamily, CODES.artificialIntelligence),
  ];
}

/** Volume, then the statistics of the intensities (dicom-seg-sr §2.3). */
function numericItems(
  found: StructureFindings | null,
  context: MeasurementContext,
): { readonly items: ContentItem[]; readonly failed: boolean } {
  const quantity: Code =
    context.modality === 'CT' ? CODES.attenuationCoefficient : CODES.mrSignalIntensity;
  const unit = context.findings.unit === 'HU' ? CODES.hounsfield : CODES.arbitraryUnit;
  const values = [
    found?.volumeMl ?? null,
    ...DERIVATIONS.map(([key]) => found?.intensity?.[key] ?? null),
  ];
  const items = [
    number(
      'CONTAINS',
      CODES.volume,
      values[0] ?? null,
      CODES.millilitre,
      CODES.measurementFailure,
      [code('HAS CONCEPT MOD', CODES.measurementMethod, CODES.summedVoxels)],
    ),
    ...DERIVATIONS.map(([, derivation], index) =>
      number('CONTAINS', quantity, values[index + 1] ?? null, unit, CODES.measurementFailure, [
        code('HAS CONCEPT MOD', CODES.derivation, derivation),
      ]),
    ),
  ];
  return {
    items,
    failed: values.some((value) => value === null || !Number.isFinite(value)),
  };
}
