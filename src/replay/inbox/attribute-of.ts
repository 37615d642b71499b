import type {
  HeaderValue,
  SequenceMatch,
  SeriesHeaders,
  StudyHeaders,
} from '../../contracts/index.ts';

/** An attribute of the stack that was matched, else of the series, else of the study. */
export function attributeOf(
  study: StudyHeaders,
  series: SeriesHeaders,
  match: SequenceMatch,
  keyword: string,
): HeaderValue | undefined {
  return (
    series.stacks.find((one) => one.id === match.stackId)?.attributes[keyword] ??
    series.attributes[keyword] ??
    study.attributes[keyword]
  );
}
