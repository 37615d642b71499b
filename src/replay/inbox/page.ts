import type {
  Decision,
  EarlierResult,
  SequenceMatch,
  SeriesHeaders,
  StudyHeaders,
} from '../../contracts/index.ts';
import type { DecidedStudy } from '../../records/index.ts';
import { decide, readFields } from '../../routing/index.ts';
import { fineKindText, matchStudy, tellingAttributes, UNKNOWN } from '../../sequences/index.ts';
import { parsed } from '../recorded.ts';
import type { ReplayBy } from '../tasks.ts';
import { attributeOf } from './attribute-of.ts';
import { firstText, type GroupKey, groupKey, KEY_FIELDS } from './group-key.ts';
import { closestVerdict, type Kind, relevantSeries } from './relevant.ts';

/** One series that looked relevant and that no rule took. Holds no patient data. */
export interface InboxSeries {
  readonly key: GroupKey;
  readonly studyInstanceUid: string;
  readonly seriesInstanceUid: string;
  /** YYYYMMDD; empty when the headers have none. */
  readonly date: string;
  readonly description: string | null;
  /** Plane and fine kind, e.g. `axial, fat-saturated`. */
  readonly fine: string;
  readonly confidence: number;
  /** Rule and first condition that failed; null where no rule is for this sequence, or it is unsure. */
  readonly reason: { readonly rule: string; readonly text: string } | null;
  /** What speaks for an unsure series, in its own words; empty for others. */
  readonly evidence: string;
  /** Attributes that would tell what an unsure series is, which its headers lack. */
  readonly missing: readonly string[];
}

/** What the inbox has of a page of studies. */
export interface InboxPage {
  readonly studies: number;
  readonly withoutHeaders: number;
  /** Of each study that has any, its series. */
  readonly found: readonly (readonly InboxSeries[])[];
}

/** Decides every study of a page by the rules as they are and picks what they should have taken. Pure. */
export function inboxPage(page: readonly DecidedStudy[], by: ReplayBy): InboxPage {
  const found: (readonly InboxSeries[])[] = [];
  let withoutHeaders = 0;
  for (const study of page) {
    if (study.headers === null) {
      withoutHeaders += 1;
      continue;
    }
    const headers = parsed<StudyHeaders>(study.headers, 'headers');
    const earlier = earlierOf(study);
    const series = inboxSeries(headers, earlier, by, judgedBy(headers, earlier, by));
    if (series.length > 0) found.push(series);
  }
  return { studies: page.length, withoutHeaders, found };
}

/** The results that the series of a study had when it was decided. */
export function earlierOf({ earlier }: DecidedStudy): readonly EarlierResult[] {
  return earlier === undefined ? [] : parsed(earlier, 'earlier results');
}

/** What a study is and what rules decide on it. */
export interface Judged {
  readonly matches: readonly SequenceMatch[];
  readonly decision: Decision;
}

export function judgedBy(
  study: StudyHeaders,
  earlier: readonly EarlierResult[],
  by: ReplayBy,
  matches: readonly SequenceMatch[] = matchStudy(study, by.sequences),
): Judged {
  const versions = { ruleSetVersion: by.rulesVersion, sequencesVersion: by.sequencesVersion };
  return { matches, decision: decide(study, matches, by.rules, versions, earlier) };
}

/** The series of one study that belong into the inbox, each with the group it is of. */
export function inboxSeries(
  study: StudyHeaders,
  earlier: readonly EarlierResult[],
  by: ReplayBy,
  { matches, decision: { verdicts } }: Judged,
): readonly InboxSeries[] {
  const relevant = relevantSeries(study, matches, verdicts, by, earlier);
  if (relevant.size === 0) return [];
  const fields = readFields(study, matches, [...KEY_FIELDS, 'plane']);
  const verdictOf = new Map(verdicts.map((one) => [one.seriesInstanceUid, one]));
  const matchOf = new Map(matches.map((one) => [one.seriesInstanceUid, one]));
  return study.series.flatMap((series): InboxSeries[] => {
    const uid = series.seriesInstanceUid;
    const kind = relevant.get(uid);
    const match = matchOf.get(uid);
    const verdict = verdictOf.get(uid);
    if (kind === undefined || match === undefined || verdict === undefined) return [];
    const read = fields.get(uid) ?? {};
    const closest = closestVerdict(verdict, by.rules);
    const fine = [firstText(read.plane), fineKindText(match.facts ?? [])];
    return [
      {
        key: groupKey(read, kind),
        studyInstanceUid: study.studyInstanceUid,
        seriesInstanceUid: uid,
        date: firstText(attributeOf(study, series, match, 'StudyDate')) ?? '',
        description: firstText(read.description),
        fine: fine.filter((one) => one !== null && one !== '').join(', '),
        confidence: match.confidence,
        reason: closest === null ? null : { rule: closest.rule, text: closest.text },
        evidence: kind.sequence === UNKNOWN ? match.reason : '',
        missing: missingOf(study, series, match, kind, by),
      },
    ];
  });
}

function missingOf(
  study: StudyHeaders,
  series: SeriesHeaders,
  match: SequenceMatch,
  kind: Kind,
  { sequences }: ReplayBy,
): readonly string[] {
  const targets = sequences.sequences.filter((one) => one.target).map((one) => one.name);
  if (targets.includes(kind.sequence)) return [];
  const candidates = kind.between.length > 0 ? kind.between : targets;
  const modality = firstText(attributeOf(study, series, match, 'Modality'));
  const possible = sequences.sequences.filter(
    (one) =>
      candidates.includes(one.name) &&
      targets.includes(one.name) &&
      (one.modality === undefined || (modality !== null && one.modality.includes(modality))),
  );
  const telling = possible.flatMap((one) => tellingAttributes(sequences, one.name));
  return [...new Set(telling)].filter(
    (keyword) => firstText(attributeOf(study, series, match, keyword)) === null,
  );
}
