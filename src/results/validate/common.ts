import type { DicomJson, Volume } from '../../contracts/index.ts';
import { CODES } from '../codes.ts';
import { copiedAttributes } from '../copied.ts';
import { isVerbatim } from '../dicom/dataset.ts';
import {
  itemOf,
  itemsOf,
  textOf,
  textsOf,
  type ReadDataset,
  type ReadFile,
} from '../read/dataset.ts';
import { dicomSource } from '../source.ts';
import { checkCodes, checkValues } from './elements.ts';
import { checkModules } from './modules.ts';
import { uidsOfSource, type ValidationReport } from './report.ts';
import { KINDS, type ObjectKind } from './standard/kinds.ts';

/** What an object of a kind must be. */
export interface ExpectedObject {
  readonly kind: ObjectKind;
  readonly modality: string;
  readonly transferSyntaxes: readonly string[];
}

/** What holds for all results of a volume alike. */
export function checkCommon(
  file: ReadFile,
  volume: Volume,
  expected: ExpectedObject,
  report: ValidationReport,
): void {
  const { dataset } = file;
  checkKind(file, dicomSource(volume).studyInstanceUid, expected, report);
  checkMeta(file, report);
  checkOwnUids(dataset, volume, report);
  checkCopied(dataset, dicomSource(volume).dataset, report);
  checkEquipment(dataset, report);
}

/** The object is of its kind and study, and of the form that every object of Situs has. */
export function checkKind(
  { dataset, transferSyntax }: ReadFile,
  studyInstanceUid: string,
  expected: ExpectedObject,
  report: ValidationReport,
): void {
  checkModules(dataset, expected.kind, report);
  checkValues(dataset, report);
  checkCodes(dataset, report);
  const same = (keyword: string, value: string, rule: string): void => {
    const found = textOf(dataset, keyword) ?? '';
    report.expect(found === value, rule, keyword, `${keyword} is ${found}, not ${value}.`);
  };
  same('SOPClassUID', KINDS[expected.kind].sopClassUid, 'wrong-class');
  same('Modality', expected.modality, 'wrong-modality');
  same('SpecificCharacterSet', 'ISO_IR 192', 'wrong-charset');
  same('StudyInstanceUID', studyInstanceUid, 'wrong-study');
  report.expect(
    expected.transferSyntaxes.includes(transferSyntax),
    'wrong-transfer-syntax',
    'TransferSyntaxUID',
    `The transfer syntax is ${transferSyntax}.`,
  );
}

/** Class and instance that an item refers to, as one text to compare. */
export function referencedInstance(item: ReadDataset): string {
  return `${textOf(item, 'ReferencedSOPClassUID') ?? ''} ${textOf(item, 'ReferencedSOPInstanceUID') ?? ''}`;
}

/** The file meta information names the object (PS3.10 7.1). */
export function checkMeta({ meta, dataset }: ReadFile, report: ValidationReport): void {
  for (const [inMeta, inData] of [
    ['MediaStorageSOPClassUID', 'SOPClassUID'],
    ['MediaStorageSOPInstanceUID', 'SOPInstanceUID'],
  ] as const) {
    const equal = textOf(meta, inMeta) === textOf(dataset, inData);
    report.expect(equal, 'meta-mismatch', inMeta, `${inMeta} differs from ${inData}.`);
  }
}

/** Series and instance are new: never the source's, never each other's. */
function checkOwnUids(dataset: ReadDataset, volume: Volume, report: ValidationReport): void {
  const taken = new Set(uidsOfSource(volume));
  for (const keyword of ['SeriesInstanceUID', 'SOPInstanceUID']) {
    const uid = textOf(dataset, keyword) ?? '';
    report.expect(!taken.has(uid), 'uid-reused', keyword, `${keyword} is one of the source's.`);
    taken.add(uid);
  }
}

/** Patient and study are the source's, to the letter. */
export function checkCopied(
  dataset: ReadDataset,
  source: DicomJson,
  report: ValidationReport,
): void {
  const decoder = new TextDecoder();
  for (const [keyword, value] of Object.entries(copiedAttributes(source))) {
    if (keyword === 'StudyInstanceUID') continue;
    const element = dataset.get(keyword);
    const expected =
      isVerbatim(value) && element?.bytes === null ? decoder.decode(value.bytes) : null;
    const equal =
      element !== undefined &&
      (expected === null ||
        typeof element.values[0] === 'number' ||
        trimmed(textsOf(dataset, keyword).join('\\')) === trimmed(expected));
    if (!equal) report.error('not-copied', keyword, `${keyword} differs from the source's.`);
  }
}

function trimmed(text: string): string {
  return text
    .split('\\')
    .map((value) => value.replace(/[ \0]+$/, ''))
    .join('\\');
}

/** The algorithm and the node are named in Contributing Equipment (dicom-seg-sr §6). */
function checkEquipment(dataset: ReadDataset, report: ValidationReport): void {
  const processing = itemsOf(dataset, 'ContributingEquipmentSequence').filter(
    (item) =>
      textOf(itemOf(item, 'PurposeOfReferenceCodeSequence'), 'CodeValue') ===
      CODES.processingEquipment.value,
  );
  const complete = processing.every((item) =>
    ['ManufacturerModelName', 'SoftwareVersions', 'DeviceUID'].every((keyword) =>
      item.has(keyword),
    ),
  );
  report.expect(
    processing.length === 2 && complete,
    'contributing-equipment',
    'ContributingEquipmentSequence',
    'The model and the node must each be named with model name, version and device UID.',
  );
}
