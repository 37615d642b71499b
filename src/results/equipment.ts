import type { Code, DicomJson, Volume } from '../contracts/index.ts';
import { CODES, codeItem } from './codes.ts';
import { copiedAttributes, sourceText, sourceValue } from './copied.ts';
import { referenceUid, type Dataset, type DatasetValue } from './dicom/dataset.ts';
import type { Algorithm, ResultInput } from './input.ts';
import { dicomSource } from './source.ts';
import { dicomTime, isOffset, type DicomTime } from './time.ts';
import { checkIdentity, resultUids } from './uids.ts';

/** Text of ours cut to what a VR holds, without characters that DICOM text must not have. */
export function fitText(text: string, longest: number): string {
  const clean = [...text].map((one) => (one < ' ' || one === '\u007f' || one === '\\' ? ' ' : one));
  return [...clean.join('').trim()].slice(0, longest).join('').trim();
}

/** The algorithm's names as they stand in every place that names it, so that all are equal (§6.3). */
export function algorithmNames(algorithm: Algorithm): {
  readonly name: string;
  readonly version: string;
  readonly manufacturer: string;
} {
  return {
    name: fitText(algorithm.name, 64),
    version: fitText(algorithm.version, 64),
    manufacturer: fitText(algorithm.manufacturer, 64),
  };
}

/** The node's names, equal in Contributing Equipment and in the device observer (TID 1004). */
export function nodeNames(input: Pick<ResultInput, 'equipment' | 'identity'>): {
  readonly uid: string;
  readonly name: string;
  readonly manufacturer: string;
  readonly model: string;
  readonly serial: string;
} {
  return {
    uid: resultUids(input.identity).nodeDevice,
    name: fitText(input.identity.node, 16),
    manufacturer: fitText(input.equipment.manufacturer, 64),
    model: fitText(input.equipment.model, 64),
    serial: fitText(input.equipment.serial, 64),
  };
}

/** When the result was made, in the source's offset from UTC, else in the caller's, else in UTC. */
export function contentTime(input: ResultInput): DicomTime {
  return timeBeside(dicomSource(input.volume).dataset, input.contentTime, input.timezone);
}

/** A moment in the offset from UTC that a source names, else in another. */
export function timeBeside(source: DicomJson, moment: Date, otherwise = '+0000'): DicomTime {
  const own = sourceText(source, 'TimezoneOffsetFromUTC');
  return dicomTime(moment, own !== null && isOffset(own) ? own : otherwise);
}

/**
 * What SEG, SR and pictures have in common: patient, study, series, equipment and SOP Common modules
 * (PS3.3 C.7.1.1, C.7.2.1, C.7.3.1, C.7.5.1, C.7.5.2, C.12.1; dicom-seg-sr §1.3, §6).
 */
export function commonAttributes(
  input: ResultInput,
  object: {
    readonly sopClassUid: string;
    readonly sopInstanceUid: string;
    readonly seriesInstanceUid: string;
    readonly modality: 'SEG' | 'SR' | 'OT';
    readonly seriesNumber: string;
    /** What the series is called beside the model; its modality when left out. */
    readonly called?: string;
  },
): Dataset {
  checkIdentity(input.identity, input.volume);
  const source = dicomSource(input.volume);
  const time = contentTime(input);
  const description = sourceText(source.dataset, 'SeriesDescription') ?? source.modality;
  const { name, version } = algorithmNames(input.algorithm);
  const node = nodeNames(input);
  return {
    ...copiedAttributes(source.dataset),
    SpecificCharacterSet: 'ISO_IR 192',
    StudyInstanceUID: referenceUid(source.studyInstanceUid),
    Modality: object.modality,
    SeriesInstanceUID: object.seriesInstanceUid,
    SeriesNumber: object.seriesNumber,
    SeriesDescription: fitText(
      `${name} ${version} ${object.called ?? object.modality}: ${description}`,
      64,
    ),
    SeriesDate: time.date,
    SeriesTime: time.time,
    Manufacturer: node.manufacturer,
    ManufacturerModelName: node.model,
    DeviceSerialNumber: node.serial,
    SoftwareVersions: fitText(input.equipment.softwareVersion, 64),
    SOPClassUID: object.sopClassUid,
    SOPInstanceUID: object.sopInstanceUid,
    InstanceNumber: String(input.identity.instanceNumber),
    InstanceCreationDate: time.date,
    InstanceCreationTime: time.time,
    ContentDate: time.date,
    ContentTime: time.time,
    ContributingEquipmentSequence: contributingEquipment(input, time),
  };
}

/** Series Number of a result: beside the source's, far from what scanners use. */
export function seriesNumber(volume: Volume, base: number): string {
  const own = Number(sourceText(dicomSource(volume).dataset, 'SeriesNumber') ?? '0');
  return String(base + (Number.isInteger(own) && own > 0 ? own % 1_000 : 0));
}

function contributingEquipment(input: ResultInput, time: DicomTime): Dataset[] {
  const { name, version, manufacturer } = algorithmNames(input.algorithm);
  const node = nodeNames(input);
  const uids = resultUids(input.identity);
  const model = {
    PurposeOfReferenceCodeSequence: [codeItem(CODES.processingEquipment)],
    Manufacturer: manufacturer,
    ManufacturerModelName: name,
    SoftwareVersions: version,
    DeviceUID: uids.modelDevice,
    ContributionDateTime: time.dateTime,
    ContributionDescription: 'Algorithm that segmented the source images',
  };
  const situs = {
    PurposeOfReferenceCodeSequence: [codeItem(CODES.processingEquipment)],
    Manufacturer: node.manufacturer,
    StationName: node.name,
    ManufacturerModelName: node.model,
    DeviceSerialNumber: node.serial,
    SoftwareVersions: fitText(input.equipment.softwareVersion, 64),
    DeviceUID: uids.nodeDevice,
    ContributionDateTime: time.dateTime,
    ContributionDescription: 'Node that ran the algorithm and wrote the result',
  };
  const scanner = acquisitionEquipment(input.volume, CODES.acquisitionEquipment);
  return scanner === null ? [model, situs] : [model, situs, scanner];
}

/** The scanner, in its own words; null when it does not say who made it (type 1 here). */
function acquisitionEquipment(volume: Volume, purpose: Code): Dataset | null {
  const { dataset } = dicomSource(volume);
  if (sourceText(dataset, 'Manufacturer') === null) return null;
  const item: Record<string, DatasetValue> = {
    PurposeOfReferenceCodeSequence: [codeItem(purpose)],
  };
  for (const keyword of [
    'Manufacturer',
    'ManufacturerModelName',
    'StationName',
    'DeviceSerialNumber',
    'SoftwareVersions',
    'DeviceUID',
  ]) {
    const value = sourceValue(dataset, keyword);
    if (value !== null) item[keyword] = value;
  }
  return item;
}
