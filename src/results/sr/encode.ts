import { createHash } from 'node:crypto';
import type { EncodedResult, Findings } from '../../contracts/index.ts';
import { fault } from '../../contracts/index.ts';
import { CODES, codeItem } from '../codes.ts';
import { codingSchemes } from '../coding-schemes.ts';
import { referenceUid, type Dataset } from '../dicom/dataset.ts';
import { writeFile } from '../dicom/file.ts';
import { commonAttributes, fitText, nodeNames, seriesNumber } from '../equipment.ts';
import type { ResultInput } from '../input.ts';
import { findPresence, presentSegments, type PresentSegment } from '../segments.ts';
import { dicomSource, sourceInstances } from '../source.ts';
import { resultUids } from '../uids.ts';
import {
  code,
  container,
  containerValue,
  deviceObserver,
  image,
  number,
  text,
  uidref,
  type ContentItem,
} from './content.ts';
import { measurementGroup, type SegmentationReference } from './measurements.ts';

export const COMPREHENSIVE_3D_SR_STORAGE = '1.2.840.10008.5.1.4.1.1.88.34';
const SERIES_NUMBER_BASE = 8_000;

/** An earlier report of the same target that this one replaces. */
export interface Predecessor {
  readonly studyInstanceUid: string;
  readonly seriesInstanceUid: string;
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
}

export interface SrInput extends ResultInput {
  readonly findings: Findings;
  /** The SEG that was encoded from the same input; null when none is stored. */
  readonly segmentation: SegmentationReference | null;
  readonly predecessor?: Predecessor | undefined;
}

/**
 * Findings as an Imaging Measurement Report (PS3.16 TID 1500) in a Comprehensive 3D SR: one
 * measurement group a structure. Equal inputs give equal bytes.
 * @throws SitusError EMPTY_SEGMENTATION, MISSING_FRAME_OF_REFERENCE, NO_DICOM_SOURCE (refuse),
 * WRONG_UNIT (fault).
 */
export function encodeSr(input: SrInput): EncodedResult {
  const source = dicomSource(input.volume);
  checkUnit(input);
  const segments = presentSegments(input, findPresence(input.labels, input.volume));
  const uids = resultUids(input.identity);
  const groups = segments.map((segment) => ({
    segment,
    ...measurementGroup(segment, {
      findings: input.findings,
      modality: source.modality,
      segmentation: input.segmentation,
      sourceSeriesUid: source.seriesInstanceUid,
      algorithm: input.algorithm,
    }),
  }));
  const failed = groups.filter((group) => group.failed).map((group) => group.segment);
  const object = {
    sopClassUid: COMPREHENSIVE_3D_SR_STORAGE,
    sopInstanceUid: uids.srInstance,
    seriesInstanceUid: uids.srSeries,
  };
  const dataset: Dataset = {
    ...commonAttributes(input, {
      ...object,
      modality: 'SR',
      seriesNumber: seriesNumber(input.volume, SERIES_NUMBER_BASE),
    }),
    ReferencedPerformedProcedureStepSequence: [],
    PerformedProcedureCodeSequence: [],
    ...completion(failed),
    VerificationFlag: 'UNVERIFIED',
    PreliminaryFlag: 'PRELIMINARY',
    ...codingSchemes(
      segments.map(({ structure }) => structure),
      [CODES.truncated.scheme],
    ),
    CurrentRequestedProcedureEvidenceSequence: [evidence(input)],
    ...predecessors(input.predecessor),
    ValueType: 'CONTAINER',
    ConceptNameCodeSequence: [codeItem(CODES.measurementReport)],
    ...containerValue('1500'),
    ContentSequence: [
      ...context(input),
      imageLibrary(input),
      container(
        CODES.measurements,
        groups.map((group) => group.item),
      ),
    ],
  };
  const bytes = writeFile(object, dataset, null);
  return {
    kind: 'SR',
    ...object,
    studyInstanceUid: source.studyInstanceUid,
    bytes,
    sha256: createHash('sha256').update(bytes).digest('hex'),
  };
}

/** Hounsfield units are written only where they are true (dicom-seg-sr §2.3). */
function checkUnit({ findings, volume }: SrInput): void {
  const modality = dicomSource(volume).modality;
  if (findings.unit !== volume.unit || (findings.unit === 'HU' && modality !== 'CT')) {
    throw fault(
      'WRONG_UNIT',
      `Findings in ${findings.unit} do not belong to this ${modality} volume.`,
      {
        findings: findings.unit,
        volume: volume.unit,
        modality,
      },
    );
  }
}

function completion(failed: readonly PresentSegment[]): Dataset {
  if (failed.length === 0) return { CompletionFlag: 'COMPLETE' };
  const names = failed.map(({ structure }) => structure.name).join(', ');
  return {
    CompletionFlag: 'PARTIAL',
    CompletionFlagDescription: fitText(`Measurement failed: ${names}`, 64),
  };
}

/** Every instance that the tree refers to, once: one study, its series, their instances. */
function evidence({ volume, segmentation }: SrInput): Dataset {
  const source = dicomSource(volume);
  const series: Dataset[] = [
    {
      SeriesInstanceUID: referenceUid(source.seriesInstanceUid),
      ReferencedSOPSequence: sourceInstances(volume).map(({ sopClassUid, sopInstanceUid }) => ({
        ReferencedSOPClassUID: sopClassUid,
        ReferencedSOPInstanceUID: referenceUid(sopInstanceUid),
      })),
    },
  ];
  if (segmentation !== null) {
    series.unshift({
      SeriesInstanceUID: segmentation.seriesInstanceUid,
      ReferencedSOPSequence: [
        {
          ReferencedSOPClassUID: segmentation.sopClassUid,
          ReferencedSOPInstanceUID: segmentation.sopInstanceUid,
        },
      ],
    });
  }
  return {
    StudyInstanceUID: referenceUid(source.studyInstanceUid),
    ReferencedSeriesSequence: series,
  };
}

function predecessors(previous: Predecessor | undefined): Dataset {
  if (previous === undefined) return {};
  return {
    PredecessorDocumentsSequence: [
      {
        StudyInstanceUID: referenceUid(previous.studyInstanceUid),
        ReferencedSeriesSequence: [
          {
            SeriesInstanceUID: previous.seriesInstanceUid,
            ReferencedSOPSequence: [
              {
                ReferencedSOPClassUID: previous.sopClassUid,
                ReferencedSOPInstanceUID: previous.sopInstanceUid,
              },
            ],
          },
        ],
      },
    ],
  };
}

/** Language, observer and procedure reported. */
function context(input: SrInput): ContentItem[] {
  const node = nodeNames(input);
  const { modality } = dicomSource(input.volume);
  return [
    ...deviceObserver(node),
    text('HAS OBS CONTEXT', CODES.deviceObserverSerial, node.serial),
    code(
      'HAS CONCEPT MOD',
      CODES.procedureReported,
      modality === 'CT' ? CODES.ctProcedure : CODES.mrProcedure,
    ),
  ];
}

/** TID 1600 with one group: the descriptors that all images share, then the images. */
function imageLibrary({ volume }: SrInput): ContentItem {
  const source = dicomSource(volume);
  const [, rows, columns] = volume.shape;
  const [between, rowSpacing, columnSpacing] = volume.spacing;
  const thickness = source.sliceThickness === null ? Number.NaN : Number(source.sliceThickness);
  const acquired = (name: (typeof CODES)[keyof typeof CODES], value: number): ContentItem =>
    number('HAS ACQ CONTEXT', name, value, CODES.millimetre, CODES.measurementFailure);
  return container(
    CODES.imageLibrary,
    [
      container(CODES.imageLibraryGroup, [
        code('HAS ACQ CONTEXT', CODES.modality, source.modality === 'CT' ? CODES.ct : CODES.mr),
        uidref('HAS ACQ CONTEXT', CODES.frameOfReferenceUid, source.frameOfReferenceUid),
        number(
          'HAS ACQ CONTEXT',
          CODES.rowsOfPixelData,
          rows,
          CODES.pixels,
          CODES.measurementFailure,
        ),
        number(
          'HAS ACQ CONTEXT',
          CODES.columnsOfPixelData,
          columns,
          CODES.pixels,
          CODES.measurementFailure,
        ),
        acquired(CODES.horizontalPixelSpacing, columnSpacing),
        acquired(CODES.verticalPixelSpacing, rowSpacing),
        acquired(CODES.sliceSpacing, between),
        ...(thickness > 0 ? [acquired(CODES.sliceThickness, thickness)] : []),
        ...sourceInstances(volume).map((instance) => image(null, instance)),
      ]),
    ],
    '1600',
  );
}
