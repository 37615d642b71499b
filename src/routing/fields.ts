import type { HeaderValue, MatchFact, SeriesField, StudyField } from '../contracts/index.ts';
import {
  acquired,
  dateNumber,
  earlierModels,
  scannerNames,
  timeOfDay,
  weekday,
  years,
} from './when-and-who.ts';
import { attributeOf, type SeriesView, sliceCountOf, type StudyView, textOf } from './view.ts';

/** How a field is read and named; a missing value (null or undefined) makes its condition not answerable. */
export interface Field<View> {
  readonly label: string;
  /** Why there may be no value, where the headers are not to blame. */
  readonly missing?: string;
  readonly read: (view: View) => HeaderValue | boolean | null | undefined;
}

function attribute(label: string, keyword: string): Field<SeriesView> {
  return { label, read: (view) => attributeOf(view, keyword) };
}

/** A fact of the match's fine kind; missing where the headers do not tell it. */
function fact(label: string, name: MatchFact['name']): Field<SeriesView> {
  return { label, read: (view) => view.match.facts?.find((one) => one.name === name)?.value };
}

/** One reader for each field a rule may name. */
export const SERIES_READERS: { readonly [Name in SeriesField]: Field<SeriesView> } = {
  modality: attribute('modality', 'Modality'),
  sequence: { label: 'sequence', read: (view) => view.match.sequence },
  confidence: { label: 'confidence', read: (view) => view.match.confidence },
  description: attribute('series description', 'SeriesDescription'),
  protocol: attribute('protocol', 'ProtocolName'),
  bodyPart: attribute('body part', 'BodyPartExamined'),
  manufacturer: attribute('manufacturer', 'Manufacturer'),
  model: attribute('scanner model', 'ManufacturerModelName'),
  station: attribute('station', 'StationName'),
  institution: attribute('institution', 'InstitutionName'),
  fieldStrength: {
    label: 'field strength in tesla',
    read: (view) => tesla(attributeOf(view, 'MagneticFieldStrength')),
  },
  plane: { label: 'plane', read: (view) => view.stack?.plane },
  sliceCount: { label: 'number of slices', read: sliceCountOf },
  sliceSpacing: { label: 'slice spacing in mm', read: (view) => view.stack?.sliceSpacing },
  sliceThickness: attribute('slice thickness in mm', 'SliceThickness'),
  coverage: { label: 'coverage in mm', read: (view) => view.stack?.coverage },
  contrast: {
    label: 'contrast agent',
    read: (view) => (textOf(attributeOf(view, 'ContrastBolusAgent')) === null ? null : true),
  },
  kernel: attribute('convolution kernel', 'ConvolutionKernel'),
  imageType: attribute('image type', 'ImageType'),
  patientPosition: attribute('patient position', 'PatientPosition'),
  fatSaturated: fact('fat saturation', 'fatSaturated'),
  postContrast: fact('after contrast', 'postContrast'),
  kernelClass: fact('class of the kernel', 'kernelClass'),
  sliceClass: fact('class of the slices', 'sliceClass'),
  scanner: { label: 'scanner', read: scannerNames },
  time: { label: 'time of acquisition', read: (view) => timeOfDay(acquired(view, 'Time')) },
  weekday: { label: 'weekday', read: (view) => weekday(acquired(view, 'Date')) },
  age: { label: 'age in years', read: (view) => years(attributeOf(view, 'PatientAge')) },
  sex: attribute('sex', 'PatientSex'),
  earlier: {
    label: 'model of an earlier result',
    missing: 'the record was not asked',
    read: (view) => earlierModels(view.study, view.headers.seriesInstanceUid),
  },
};

export const STUDY_READERS: { readonly [Name in StudyField]: Field<StudyView> } = {
  description: {
    label: 'study description',
    read: (study) => study.headers.attributes['StudyDescription'],
  },
  bodyPart: {
    label: 'body part of the study',
    read: (study) => valuesOf(study, 'BodyPartExamined'),
  },
  modality: { label: 'modalities of the study', read: (study) => valuesOf(study, 'Modality') },
  institution: {
    label: 'institution of the study',
    read: (study) =>
      study.headers.attributes['InstitutionName'] ?? valuesOf(study, 'InstitutionName'),
  },
  station: { label: 'stations of the study', read: (study) => valuesOf(study, 'StationName') },
  seriesCount: { label: 'number of series', read: (study) => study.headers.series.length },
  sequences: {
    label: 'sequences of the study',
    read: (study) => study.matches.map((match) => match.sequence),
  },
  date: { label: 'study date', read: (study) => dateNumber(ofStudy(study, 'StudyDate')) },
  time: { label: 'time of the study', read: (study) => timeOfDay(ofStudy(study, 'StudyTime')) },
  weekday: { label: 'weekday of the study', read: (study) => weekday(ofStudy(study, 'StudyDate')) },
  age: { label: 'age in years', read: (study) => years(ofStudy(study, 'PatientAge')) },
  sex: { label: 'sex', read: (study) => ofStudy(study, 'PatientSex') },
  earlier: {
    label: 'models of earlier results in the study',
    missing: 'the record was not asked',
    read: (study) => earlierModels(study),
  },
};

/** An attribute of the study, which some archives send with the series alone. */
function ofStudy(study: StudyView, keyword: string): HeaderValue | undefined {
  const { attributes, series } = study.headers;
  return (
    attributes[keyword] ??
    series.find((one) => one.attributes[keyword] !== undefined)?.attributes[keyword]
  );
}

/**
 * The different values of an attribute over all series; empty when no series has it. Images without
 * it add an empty one: what nothing else answers is then not answerable, instead of false.
 */
function valuesOf(study: StudyView, keyword: string): (string | number)[] {
  const values = new Set<string | number>();
  for (const series of study.headers.series) {
    const value = series.attributes[keyword] ?? series.stacks[0]?.attributes[keyword];
    if (value === undefined || value === '') {
      if (series.stacks.length > 0) values.add('');
      continue;
    }
    for (const one of typeof value === 'object' ? value : [value]) values.add(one);
  }
  return [...values];
}

/** Some scanners write the field in gauss. */
function tesla(value: HeaderValue | undefined): number | undefined {
  const field = Number(typeof value === 'object' ? value[0] : value);
  if (!Number.isFinite(field)) return undefined;
  return field > 100 ? field / 10_000 : field;
}
