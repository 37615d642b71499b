import type { EvidenceCondition, SequenceDefinitions } from '../contracts/index.ts';

/** The attributes that the physics of an echo needs (`physics.ts`). */
const OF_ECHO = ['EchoTime', 'MagneticFieldStrength'];

/**
 * Attributes that can speak for a sequence, those of the weightiest evidence first: what would tell,
 * had the headers of an unsure series it. By DICOM keyword.
 */
export function tellingAttributes(
  definitions: SequenceDefinitions,
  sequence: string,
): readonly string[] {
  const evidence = definitions.sequences.find((one) => one.name === sequence)?.evidence ?? [];
  const byWeight = evidence
    .filter((item) => item.weight > 0)
    .toSorted((a, b) => b.weight - a.weight);
  return [...new Set(byWeight.flatMap((item) => attributesOf(item.when)))];
}

/** What a condition must see; what `not` and `missing` ask for would not speak for anything. */
function attributesOf(when: EvidenceCondition): string[] {
  return [
    ...(when.words === undefined ? [] : ['SeriesDescription']),
    ...(when.protocol === undefined ? [] : ['ProtocolName']),
    ...(when.study === undefined ? [] : ['StudyDescription']),
    ...(when.bodyPart === undefined ? [] : ['BodyPartExamined']),
    ...(when.echo === undefined ? [] : OF_ECHO),
    ...(when.kernel === undefined ? [] : ['ConvolutionKernel']),
    ...Object.keys(when.attributes ?? {}),
    ...[...(when.any ?? []), ...(when.all ?? [])].flatMap(attributesOf),
  ];
}
