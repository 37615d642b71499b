import { createHash } from 'node:crypto';
import type { Code, DicomJson, EncodedResult } from '../../contracts/index.ts';
import { fault } from '../../contracts/index.ts';
import { CODES, codeItem } from '../codes.ts';
import { copiedAttributes } from '../copied.ts';
import { referenceUid, type Dataset } from '../dicom/dataset.ts';
import { writeFile } from '../dicom/file.ts';
import { fitText, timeBeside } from '../equipment.ts';
import type { Equipment } from '../input.ts';
import { isImage } from '../images.ts';
import {
  composite,
  containerValue,
  deviceObserver,
  image,
  text,
  type ContentItem,
} from '../sr/content.ts';
import { deriveUid } from '../uids.ts';

export const KEY_OBJECT_SELECTION_STORAGE = '1.2.840.10008.5.1.4.1.1.88.59';
const SERIES_NUMBER = '7900';

/** Why results are withdrawn; the two reasons that IHE IOCM has for objects of good origin. */
export const REJECTION_REASONS = ['quality', 'safety'] as const;
export type RejectionReason = (typeof REJECTION_REASONS)[number];

/** The document title of each reason (PS3.16 CID 7011). */
export const REJECTION_TITLES: Readonly<Record<RejectionReason, Code>> = {
  quality: CODES.rejectedForQuality,
  safety: CODES.rejectedForSafety,
};

export interface RejectedInstance {
  readonly seriesInstanceUid: string;
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
}

export interface RejectionInput {
  /** Data set of one of the rejected objects, or of their source: patient and study are copied from it. */
  readonly dataset: DicomJson;
  readonly studyInstanceUid: string;
  readonly rejected: readonly RejectedInstance[];
  readonly reason: RejectionReason;
  /** In words, for whoever reads the note. */
  readonly text: string;
  readonly equipment: Equipment;
  readonly node: string;
  readonly time: Date;
}

/** An object that is ready to be stored, and no result itself. */
export type RejectionNote = Omit<EncodedResult, 'kind'>;

/**
 * A rejection note of IHE Imaging Object Change Management: a Key Object Selection document (PS3.3
 * A.35.4, PS3.16 TID 2010) whose title says why the instances it names shall no longer be used
 * (dicom-seg-sr §6.6). Equal inputs give equal bytes.
 * @throws SitusError NOTHING_TO_REJECT (fault).
 */
export function encodeRejection(input: RejectionInput): RejectionNote {
  if (input.rejected.length === 0) {
    throw fault('NOTHING_TO_REJECT', `No instance of study ${input.studyInstanceUid} was named.`);
  }
  const identity = [
    input.studyInstanceUid,
    input.reason,
    input.time.toISOString(),
    ...input.rejected.map(({ sopInstanceUid }) => sopInstanceUid).sort(),
  ];
  const object = {
    sopClassUid: KEY_OBJECT_SELECTION_STORAGE,
    sopInstanceUid: deriveUid(identity, 'rejection-instance'),
    seriesInstanceUid: deriveUid(identity, 'rejection-series'),
  };
  const bytes = writeFile(object, dataSet(input, object), null);
  return {
    ...object,
    studyInstanceUid: input.studyInstanceUid,
    bytes,
    sha256: createHash('sha256').update(bytes).digest('hex'),
  };
}

function dataSet(
  input: RejectionInput,
  object: Pick<RejectionNote, 'sopClassUid' | 'sopInstanceUid' | 'seriesInstanceUid'>,
): Dataset {
  const title = REJECTION_TITLES[input.reason];
  const time = timeBeside(input.dataset, input.time);
  const { equipment } = input;
  return {
    ...copiedAttributes(input.dataset),
    SpecificCharacterSet: 'ISO_IR 192',
    StudyInstanceUID: referenceUid(input.studyInstanceUid),
    Modality: 'KO',
    SeriesInstanceUID: object.seriesInstanceUid,
    SeriesNumber: SERIES_NUMBER,
    SeriesDescription: title.meaning,
    SeriesDate: time.date,
    SeriesTime: time.time,
    ReferencedPerformedProcedureStepSequence: [],
    Manufacturer: fitText(equipment.manufacturer, 64),
    ManufacturerModelName: fitText(equipment.model, 64),
    DeviceSerialNumber: fitText(equipment.serial, 64),
    SoftwareVersions: fitText(equipment.softwareVersion, 64),
    SOPClassUID: object.sopClassUid,
    SOPInstanceUID: object.sopInstanceUid,
    InstanceNumber: '1',
    InstanceCreationDate: time.date,
    InstanceCreationTime: time.time,
    ContentDate: time.date,
    ContentTime: time.time,
    CurrentRequestedProcedureEvidenceSequence: [evidence(input)],
    ValueType: 'CONTAINER',
    ConceptNameCodeSequence: [codeItem(title)],
    ...containerValue('2010'),
    ContentSequence: content(input),
  };
}

/** Observer, description and the rejected instances, each named once (TID 2010 rows 4 to 8). */
function content(input: RejectionInput): ContentItem[] {
  const { equipment } = input;
  return [
    ...deviceObserver({
      uid: deriveUid([input.node], 'node-device'),
      name: fitText(input.node, 64),
      manufacturer: fitText(equipment.manufacturer, 64),
      model: fitText(equipment.model, 64),
    }),
    text('CONTAINS', CODES.keyObjectDescription, fitText(input.text, 1_024)),
    ...input.rejected.map((instance) =>
      isImage(instance.sopClassUid) ? image(null, instance) : composite(instance),
    ),
  ];
}

function evidence({ studyInstanceUid, rejected }: RejectionInput): Dataset {
  const bySeries = Map.groupBy(rejected, ({ seriesInstanceUid }) => seriesInstanceUid);
  return {
    StudyInstanceUID: referenceUid(studyInstanceUid),
    ReferencedSeriesSequence: [...bySeries].map(([seriesInstanceUid, instances]) => ({
      SeriesInstanceUID: referenceUid(seriesInstanceUid),
      ReferencedSOPSequence: instances.map(({ sopClassUid, sopInstanceUid }) => ({
        ReferencedSOPClassUID: sopClassUid,
        ReferencedSOPInstanceUID: referenceUid(sopInstanceUid),
      })),
    })),
  };
}
