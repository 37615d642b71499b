import type { Code } from '../../contracts/index.ts';
import { CATEGORIES } from '../categories.ts';
import { CODES } from '../codes.ts';
import type { Relationship } from '../sr/content.ts';

/** A row of a template: what may stand at this place of the tree, and how often. */
export interface TemplateRow {
  readonly relationship: Relationship;
  readonly valueType: 'CONTAINER' | 'CODE' | 'TEXT' | 'UIDREF' | 'NUM' | 'IMAGE' | 'COMPOSITE';
  /** Null for items without a concept name. */
  readonly concept: Code | null;
  readonly least: number;
  readonly most: number;
  /** Values allowed for CODE; any when left out. */
  readonly values?: readonly Code[];
  /** Unit of NUM; any when left out. */
  readonly units?: readonly Code[];
  /** Template identifier that the container must carry. */
  readonly templates?: readonly string[];
  readonly children: readonly TemplateRow[];
}

type Optional = Partial<Omit<TemplateRow, 'relationship' | 'valueType' | 'concept'>>;

function row(
  relationship: Relationship,
  valueType: TemplateRow['valueType'],
  concept: Code | null,
  rest: Optional = {},
): TemplateRow {
  return { relationship, valueType, concept, least: 1, most: 1, children: [], ...rest };
}

const optional = { least: 0, most: 1 } as const;
const many = { least: 1, most: Number.POSITIVE_INFINITY } as const;
const any = { least: 0, most: Number.POSITIVE_INFINITY } as const;

const lengths = (concept: Code, rest: Optional = {}): TemplateRow =>
  row('HAS ACQ CONTEXT', 'NUM', concept, { units: [CODES.millimetre], ...rest });
const pixels = (concept: Code): TemplateRow =>
  row('HAS ACQ CONTEXT', 'NUM', concept, { units: [CODES.pixels] });

const DERIVATION = row('HAS CONCEPT MOD', 'CODE', CODES.derivation, {
  values: [CODES.mean, CODES.standardDeviation, CODES.median, CODES.minimum, CODES.maximum],
});

/** TID 1411 (with a segment) or TID 1501 (without), with TID 1419 and TID 4019, in row order. */
const MEASUREMENT_GROUP = row('CONTAINS', 'CONTAINER', CODES.measurementGroup, {
  ...many,
  templates: ['1411', '1501'],
  children: [
    row('HAS OBS CONTEXT', 'TEXT', CODES.trackingIdentifier),
    row('HAS OBS CONTEXT', 'UIDREF', CODES.trackingUid),
    row('CONTAINS', 'CODE', CODES.findingCategory, { values: CATEGORIES }),
    row('CONTAINS', 'CODE', CODES.finding),
    row('CONTAINS', 'IMAGE', CODES.referencedSegment, optional),
    row('CONTAINS', 'UIDREF', CODES.sourceSeries, optional),
    row('HAS CONCEPT MOD', 'CODE', CODES.findingSite, {
      children: [
        row('HAS CONCEPT MOD', 'CODE', CODES.laterality, {
          ...optional,
          values: [CODES.left, CODES.right],
        }),
      ],
    }),
    row('HAS CONCEPT MOD', 'TEXT', CODES.algorithmName),
    row('HAS CONCEPT MOD', 'TEXT', CODES.algorithmVersion),
    row('HAS CONCEPT MOD', 'TEXT', CODES.algorithmManufacturer, optional),
    row('HAS CONCEPT MOD', 'TEXT', CODES.algorithmParameters, any),
    row('HAS CONCEPT MOD', 'CODE', CODES.algorithmFamily, optional),
    row('CONTAINS', 'NUM', CODES.volume, {
      units: [CODES.millilitre],
      children: [
        row('HAS CONCEPT MOD', 'CODE', CODES.measurementMethod, { values: [CODES.summedVoxels] }),
      ],
    }),
    row('CONTAINS', 'NUM', CODES.attenuationCoefficient, {
      ...any,
      units: [CODES.hounsfield, CODES.arbitraryUnit],
      children: [DERIVATION],
    }),
    row('CONTAINS', 'NUM', CODES.mrSignalIntensity, {
      ...any,
      units: [CODES.arbitraryUnit],
      children: [DERIVATION],
    }),
    row('CONTAINS', 'CODE', CODES.truncated, { ...optional, values: [CODES.yes, CODES.no] }),
  ],
});

/** Language (TID 1204) and device observer (TID 1002, 1004), with which every document begins. */
const OBSERVER: readonly TemplateRow[] = [
  row('HAS CONCEPT MOD', 'CODE', CODES.language, { values: [CODES.english] }),
  row('HAS OBS CONTEXT', 'CODE', CODES.observerType, { values: [CODES.device] }),
  row('HAS OBS CONTEXT', 'UIDREF', CODES.deviceObserverUid),
  row('HAS OBS CONTEXT', 'TEXT', CODES.deviceObserverName),
  row('HAS OBS CONTEXT', 'TEXT', CODES.deviceObserverManufacturer),
  row('HAS OBS CONTEXT', 'TEXT', CODES.deviceObserverModel),
];

/**
 * TID 2010 as Situs fills it: who says it, why, and each rejected instance in turn.
 * @param images which of the instances are images.
 */
export function rejectionTemplate(images: readonly boolean[]): readonly TemplateRow[] {
  return [
    ...OBSERVER,
    row('CONTAINS', 'TEXT', CODES.keyObjectDescription),
    ...images.map((isImage) => row('CONTAINS', isImage ? 'IMAGE' : 'COMPOSITE', null)),
  ];
}

/** TID 1500 as Situs fills it (PS3.16; dicom-seg-sr §2.2): the children of the root. */
export const REPORT_TEMPLATE: readonly TemplateRow[] = [
  ...OBSERVER,
  row('HAS OBS CONTEXT', 'TEXT', CODES.deviceObserverSerial),
  row('HAS CONCEPT MOD', 'CODE', CODES.procedureReported, {
    values: [CODES.mrProcedure, CODES.ctProcedure],
  }),
  row('CONTAINS', 'CONTAINER', CODES.imageLibrary, {
    templates: ['1600'],
    children: [
      row('CONTAINS', 'CONTAINER', CODES.imageLibraryGroup, {
        children: [
          row('HAS ACQ CONTEXT', 'CODE', CODES.modality, { values: [CODES.mr, CODES.ct] }),
          row('HAS ACQ CONTEXT', 'UIDREF', CODES.frameOfReferenceUid),
          pixels(CODES.rowsOfPixelData),
          pixels(CODES.columnsOfPixelData),
          lengths(CODES.horizontalPixelSpacing),
          lengths(CODES.verticalPixelSpacing),
          lengths(CODES.sliceSpacing),
          lengths(CODES.sliceThickness, optional),
          row('CONTAINS', 'IMAGE', null, many),
        ],
      }),
    ],
  }),
  row('CONTAINS', 'CONTAINER', CODES.measurements, { children: [MEASUREMENT_GROUP] }),
];
