import {
  VOLUME_MODALITY,
  type HeaderValue,
  type SeriesHeaders,
  type StackHeaders,
  type StudyHeaders,
} from '../contracts/index.ts';
import { numberOf } from './physics.ts';
import { prepareText } from './text.ts';
import { conceptsIn, type SaidConcepts, type Vocabulary } from './words.ts';

/** What is known of a study before its series are looked at one by one. */
export interface StudyFacts {
  readonly headers: StudyHeaders;
  /** Null where the study has no description at all. */
  readonly said: SaidConcepts | null;
  readonly series: readonly SeriesFacts[];
}

export interface SeriesFacts {
  readonly headers: SeriesHeaders;
  readonly description: string | null;
  readonly said: SaidConcepts | null;
  readonly saidByProtocol: SaidConcepts | null;
  readonly saidByBodyPart: SaidConcepts | null;
  readonly modality: string | null;
  /** Different echo times of the acquisition; its series are found by `OF_AN_ACQUISITION`. */
  readonly echoes: number;
  readonly kernel: number | null;
}

/** Everything evidence may look at for one stack. */
export interface StackFacts {
  readonly study: StudyFacts;
  readonly series: SeriesFacts;
  readonly stack: StackHeaders | null;
  readonly plane: string | null;
  readonly slices: number;
}

const PLANES = ['axial', 'coronal', 'sagittal', 'oblique'] as const;
/** Body kernels of one vendor carry their sharpness as a number: B31f, Br40d\3, I70f. */
const KERNEL_NUMBER = /(?:^|[^a-z0-9])[bhijuq][a-z]?(\d\d)[a-z]?(?=$|[^a-z0-9])/;

export function studyFacts(headers: StudyHeaders, vocabulary: Vocabulary): StudyFacts {
  const texts = [
    headers.attributes['StudyDescription'],
    headers.attributes['RequestedProcedureDescription'],
    headers.attributes['PerformedProcedureStepDescription'],
  ].flatMap((value) => textOf(value) ?? []);
  const echoes = echoTimesByAcquisition(headers);
  const series = headers.series.map((one) => seriesFacts(one, headers, vocabulary, echoes));
  return { headers, said: conceptsOf(texts.join(' | '), vocabulary), series };
}

/** What the echoes of one acquisition share, by which a scanner's series of single echoes are found. */
const OF_AN_ACQUISITION = [
  'SeriesDescription',
  'ScanningSequence',
  'RepetitionTime',
  'FlipAngle',
] as const;

/** Null without a description: series that say nothing are not taken together. */
function acquisitionOf({ attributes, stacks }: SeriesHeaders): string | null {
  if (textOf(attributes['SeriesDescription']) === null) return null;
  return OF_AN_ACQUISITION.map(
    (keyword) => textOf(attributes[keyword] ?? stacks[0]?.attributes[keyword]) ?? '',
  ).join('\n');
}

/** Echo times (ms) by acquisition, also where each echo is a series of its own. */
function echoTimesByAcquisition(study: StudyHeaders): ReadonlyMap<string, ReadonlySet<number>> {
  const known = new Map<string, Set<number>>();
  for (const one of study.series) {
    const acquisition = acquisitionOf(one);
    if (acquisition === null) continue;
    const times = known.get(acquisition) ?? new Set();
    for (const time of echoTimes(one)) times.add(time);
    known.set(acquisition, times);
  }
  return known;
}

function echoTimes({ attributes, stacks }: SeriesHeaders): number[] {
  return [attributes, ...stacks.map((stack) => stack.attributes)].flatMap(
    ({ EchoTime }) => numberOf(EchoTime) ?? [],
  );
}

function seriesFacts(
  headers: SeriesHeaders,
  study: StudyHeaders,
  vocabulary: Vocabulary,
  echoes: ReadonlyMap<string, ReadonlySet<number>>,
): SeriesFacts {
  const read = (keyword: string): HeaderValue | undefined =>
    headers.attributes[keyword] ??
    headers.stacks[0]?.attributes[keyword] ??
    study.attributes[keyword];
  const protocol = textOf(read('ProtocolName'));
  const description = textOf(read('SeriesDescription')) ?? protocol;
  const modality =
    textOf(read('Modality')) ?? VOLUME_MODALITY[textOf(read('SOPClassUID')) ?? ''] ?? null;
  const together = echoes.get(acquisitionOf(headers) ?? '');
  return {
    headers,
    description,
    said: conceptsOf(description ?? '', vocabulary),
    saidByProtocol: conceptsOf(protocol ?? '', vocabulary),
    saidByBodyPart: conceptsOf(textOf(read('BodyPartExamined')) ?? '', vocabulary),
    modality: modality?.toUpperCase() ?? null,
    echoes: Math.max(1, (together ?? new Set(echoTimes(headers))).size),
    kernel: modality === 'CT' ? kernelNumber(textOf(read('ConvolutionKernel')), description) : null,
  };
}

export function stackFacts(
  study: StudyFacts,
  series: SeriesFacts,
  stack: StackHeaders | null,
): StackFacts {
  const frames = stack?.frames.length ?? 0;
  return {
    study,
    series,
    stack,
    plane: stack?.plane ?? planeInWords(series.said),
    slices: frames > 0 ? frames : series.headers.instanceCount,
  };
}

/** An attribute of the stack, else of the series, else of the study. */
export function attributeOf(facts: StackFacts, keyword: string): HeaderValue | undefined {
  if (keyword === 'Modality') return facts.series.modality ?? undefined;
  return (
    facts.stack?.attributes[keyword] ??
    facts.series.headers.attributes[keyword] ??
    facts.study.headers.attributes[keyword]
  );
}

export function textOf(value: HeaderValue | undefined): string | null {
  if (value === undefined) return null;
  const text = typeof value === 'object' ? value.join('\\') : String(value);
  return text.trim() === '' ? null : text;
}

function conceptsOf(text: string, vocabulary: Vocabulary): SaidConcepts | null {
  return text === '' ? null : conceptsIn(prepareText(text), vocabulary);
}

function planeInWords(said: SaidConcepts | null): string | null {
  const named = PLANES.filter((plane) => said?.has(plane) === true);
  return named.length === 1 ? (named[0] ?? null) : null;
}

function kernelNumber(attribute: string | null, description: string | null): number | null {
  const text = (attribute ?? description ?? '').toLowerCase().replace(/_/g, ' ').slice(0, 256);
  const found = KERNEL_NUMBER.exec(text);
  return found === null ? null : Number(found[1]);
}
