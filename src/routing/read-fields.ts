import type { HeaderValue, SequenceMatch, SeriesField, StudyHeaders } from '../contracts/index.ts';
import { SERIES_READERS } from './fields.ts';
import { seriesView } from './view.ts';

/** Values of fields as conditions read them; missing where a condition could not be answered. */
export type FieldValues<Name extends SeriesField> = {
  readonly [Field in Name]?: HeaderValue | boolean;
};

/** Reads fields of every series of a study as its rules do; by Series Instance UID. */
export function readFields<Name extends SeriesField>(
  study: StudyHeaders,
  matches: readonly SequenceMatch[],
  names: readonly Name[],
): ReadonlyMap<string, FieldValues<Name>> {
  const bySeries = new Map(matches.map((match) => [match.seriesInstanceUid, match]));
  const all = new Map<string, FieldValues<Name>>();
  for (const series of study.series) {
    const match = bySeries.get(series.seriesInstanceUid);
    if (match === undefined) continue;
    const view = seriesView({ headers: study, matches, earlier: null }, series, match);
    const values: { [Field in Name]?: HeaderValue | boolean } = {};
    for (const name of names) {
      const value = SERIES_READERS[name].read(view);
      if (value !== undefined && value !== null && value !== '') values[name] = value;
    }
    all.set(series.seriesInstanceUid, values);
  }
  return all;
}
