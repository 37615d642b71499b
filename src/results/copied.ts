import type { DicomJson, DicomJsonElement } from '../contracts/index.ts';
import { refuse } from '../contracts/index.ts';
import { attributeAt, attributeOf, type Attribute } from './dicom/dictionary.ts';
import type { Dataset, DatasetValue, Verbatim } from './dicom/dataset.ts';
import { decimal } from './dicom/decimal.ts';
import { ByteBuffer } from './dicom/buffer.ts';
import { isTextVr, NUMBER_RULES, numberProblem } from './dicom/values.ts';

/** Attributes of the Patient IE (PS3.3 C.7.1.1, C.7.1.3), with retired ones still in use. */
const PATIENT = `
  ReferencedPatientSequence PatientName PatientID IssuerOfPatientID TypeOfPatientID
  IssuerOfPatientIDQualifiersSequence SourcePatientGroupIdentificationSequence
  GroupOfPatientsIdentificationSequence PatientBirthDate PatientBirthTime
  PatientBirthDateInAlternativeCalendar PatientDeathDateInAlternativeCalendar
  PatientAlternativeCalendar PatientSex QualityControlSubject StrainDescription StrainNomenclature
  StrainStockSequence StrainAdditionalInformation StrainCodeSequence GeneticModificationsSequence
  OtherPatientIDs OtherPatientNames OtherPatientIDsSequence EthnicGroup PatientSpeciesDescription
  PatientSpeciesCodeSequence PatientBreedDescription PatientBreedCodeSequence
  BreedRegistrationSequence ResponsiblePerson ResponsiblePersonRole ResponsibleOrganization
  PatientComments PatientIdentityRemoved DeidentificationMethod DeidentificationMethodCodeSequence
  ClinicalTrialSponsorName ClinicalTrialProtocolID ClinicalTrialProtocolName ClinicalTrialSiteID
  ClinicalTrialSiteName ClinicalTrialSubjectID ClinicalTrialSubjectReadingID
  ClinicalTrialProtocolEthicsCommitteeName ClinicalTrialProtocolEthicsCommitteeApprovalNumber`;

/** Attributes of the Study IE (PS3.3 C.7.2.1, C.7.2.2, C.7.2.3). */
const STUDY = `
  StudyInstanceUID StudyDate StudyTime StudyID AccessionNumber IssuerOfAccessionNumberSequence
  ReferringPhysicianName ReferringPhysicianIdentificationSequence ConsultingPhysicianName
  ConsultingPhysicianIdentificationSequence StudyDescription ProcedureCodeSequence
  PhysiciansOfRecord PhysiciansOfRecordIdentificationSequence NameOfPhysiciansReadingStudy
  PhysiciansReadingStudyIdentificationSequence ReferencedStudySequence RequestingService
  RequestingServiceCodeSequence ReasonForPerformedProcedureCodeSequence
  AdmittingDiagnosesDescription AdmittingDiagnosesCodeSequence PatientAge PatientSize
  PatientSizeCodeSequence PatientBodyMassIndex MeasuredAPDimension MeasuredLateralDimension
  PatientWeight MedicalAlerts Allergies Occupation SmokingStatus AdditionalPatientHistory
  PregnancyStatus LastMenstrualDate PatientSexNeutered ReasonForVisit ReasonForVisitCodeSequence
  AdmissionID IssuerOfAdmissionIDSequence ServiceEpisodeID ServiceEpisodeDescription
  IssuerOfServiceEpisodeIDSequence PatientState ClinicalTrialTimePointID
  ClinicalTrialTimePointDescription`;

/** What every result copies from its source, in the source's own words. */
export const COPIED_KEYWORDS: readonly string[] = `${PATIENT} ${STUDY} TimezoneOffsetFromUTC`
  .trim()
  .split(/\s+/);

/** Type 2 of the Patient and General Study modules: present in results even when empty. */
const KEPT_EMPTY = [
  'PatientName',
  'PatientID',
  'PatientBirthDate',
  'PatientSex',
  'StudyDate',
  'StudyTime',
  'StudyID',
  'AccessionNumber',
  'ReferringPhysicianName',
];

const DEEPEST = 8;
const utf8 = new TextEncoder();

/**
 * Patient and study attributes of the source, verbatim: a result must stay with its patient even
 * where the source breaks a rule (an over-long name is copied, not cut).
 * @throws SitusError INVALID_SOURCE_ATTRIBUTE (refuse) when a value cannot be written at all.
 */
export function copiedAttributes(source: DicomJson): Dataset {
  const copied: Record<string, DatasetValue> = {};
  for (const keyword of COPIED_KEYWORDS) {
    const value = sourceValue(source, keyword);
    if (value !== null) copied[keyword] = value;
  }
  for (const keyword of KEPT_EMPTY) copied[keyword] ??= '';
  return copied;
}

/** One attribute of the source ready to be written verbatim; null when absent or without a value. */
export function sourceValue(source: DicomJson, keyword: string): DatasetValue | null {
  const attribute = attributeOf(keyword);
  const element = source[attribute.tag.toString(16).toUpperCase().padStart(8, '0')];
  return element === undefined ? null : verbatim(element, attribute, 0);
}

/** The text of the first value of an attribute of the source, trimmed; null when absent or empty. */
export function sourceText(source: DicomJson, keyword: string): string | null {
  const value = sourceValue(source, keyword);
  if (value === null || typeof value !== 'object' || !('bytes' in value)) return null;
  const [first] = new TextDecoder().decode(value.bytes).split('\\');
  const text = (first ?? '').trim();
  return text === '' ? null : text;
}

function verbatim(
  element: DicomJsonElement,
  attribute: Attribute,
  depth: number,
): Verbatim | readonly Dataset[] | null {
  if (attribute.vr === 'SQ') return items(element, attribute, depth);
  const inline = element.InlineBinary;
  if (inline !== undefined) {
    const bytes = Uint8Array.from(Buffer.from(inline, 'base64'));
    return bytes.length === 0 ? null : { vr: attribute.vr, bytes };
  }
  const values = (element.Value ?? []).filter((value) => value !== undefined);
  if (values.length === 0) return null;
  if (attribute.vr in NUMBER_RULES) return numbers(values, attribute);
  if (!isTextVr(attribute.vr)) return null;
  const text = values.map((value) => textOf(value, attribute)).join('\\');
  return text === '' ? null : { vr: attribute.vr, bytes: utf8.encode(text) };
}

function items(
  element: DicomJsonElement,
  attribute: Attribute,
  depth: number,
): readonly Dataset[] | null {
  if (depth >= DEEPEST) throw unusable(attribute, `is nested more than ${DEEPEST} deep`);
  const copied = (element.Value ?? []).map((item) => {
    const nested: Record<string, DatasetValue> = {};
    if (typeof item !== 'object' || item === null) return nested;
    for (const [key, inner] of Object.entries(item as DicomJson)) {
      const known = /^[0-9A-F]{8}$/i.test(key) ? attributeAt(Number.parseInt(key, 16)) : null;
      if (known === null) continue;
      const value = verbatim(inner, known, depth + 1);
      nested[known.keyword] = value ?? (known.vr === 'SQ' ? [] : '');
    }
    return nested;
  });
  return copied.length === 0 ? null : copied;
}

function numbers(values: readonly unknown[], attribute: Attribute): Verbatim {
  const buffer = new ByteBuffer();
  for (const value of values) {
    const number = Number(value);
    if (numberProblem(attribute.vr, number) !== null) {
      throw unusable(attribute, `is not a number of ${attribute.vr}`);
    }
    buffer.number(attribute.vr, number);
  }
  return { vr: attribute.vr, bytes: buffer.view8().slice() };
}

function textOf(value: unknown, attribute: Attribute): string {
  if (value === null) return '';
  if (typeof value === 'string') return value;
  if (typeof value === 'number') {
    return attribute.vr === 'DS' && Number.isFinite(value) ? decimal(value) : String(value);
  }
  if (typeof value === 'object' && attribute.vr === 'PN') {
    const name = value as Readonly<Record<string, unknown>>;
    return [name.Alphabetic, name.Ideographic, name.Phonetic]
      .map((group) => (typeof group === 'string' ? group : ''))
      .join('=')
      .replace(/=+$/, '');
  }
  throw unusable(attribute, 'is not text');
}

function unusable(attribute: Attribute, problem: string): Error {
  return refuse(
    'INVALID_SOURCE_ATTRIBUTE',
    `${attribute.keyword} of the source ${problem}, so no result can carry it.`,
    'Correct the attribute in the archive and send the series again.',
    { keyword: attribute.keyword },
  );
}
